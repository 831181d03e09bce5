import type { Platform, WebStorage } from '@pixy/browser'

/** What a page has of its browser, without one: an address bar, a sessionStorage, and a `fetch` that obeys CORS. */
export interface Page {
  readonly platform: Partial<Platform>
  /** Where the page is, or was sent to. */
  readonly address: () => string
  /** The page loads again at this URL, in the same tab. */
  load(url: string | URL): Page
  /** "Duplicate tab": a page like this one, with a copy of the sessionStorage. */
  duplicate(): Page
}

interface PageOptions {
  readonly now: () => number
  /** Stands in the network: sees every request and may lose or change its answer. */
  readonly network?: (request: Request) => Promise<Response>
}

export function openPage(url: string, options: PageOptions, tab = new Map<string, string>()): Page {
  const location = {
    href: url,
    assign(next: string): void {
      location.href = next
    },
  }
  const { network = fetch } = options
  return {
    platform: {
      fetch: (input, init) => fetchFrom(new URL(url).origin, new Request(input, init), network),
      sessionStorage: storageOf(tab),
      location,
      locks: undefined,
      openChannel: undefined,
      now: options.now,
    },
    address: () => location.href,
    load: (next) => openPage(String(next), options, tab),
    duplicate: () => openPage(location.href, options, new Map(tab)),
  }
}

/** The Fetch standard's CORS protocol, as far as it matters here. */
async function fetchFrom(
  origin: string,
  request: Request,
  network: NonNullable<PageOptions['network']>,
): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.set('origin', origin)
  if (request.headers.has('authorization')) await preflight(origin, request)
  const response = await network(new Request(request, { headers }))
  checkAllowed(response.headers.get('access-control-allow-origin'), origin)
  return response
}

async function preflight(origin: string, { url, method }: Request): Promise<void> {
  const { headers, ok } = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization',
    },
  })
  checkAllowed(headers.get('access-control-allow-origin'), origin)
  const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(/, */)
  if (!ok || !allowed?.includes('authorization')) throw new TypeError('Failed to fetch: preflight')
}

function checkAllowed(allowed: string | null, origin: string): void {
  if (allowed !== '*' && allowed !== origin) throw new TypeError(`Failed to fetch: CORS allows ${allowed}`)
}

function storageOf(values: Map<string, string>): WebStorage {
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}
