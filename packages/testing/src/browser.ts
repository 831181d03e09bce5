/** An answer with its body read. */
export interface Visit {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export interface VisitOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
  /** False: without cookies, as a POST from another site leaves `SameSite=Lax` ones out. What is set is kept. */
  readonly cookies?: boolean
}

/** Sends one request without following redirects; `fetch` where none is given. */
export type Transport = (url: string, init: RequestInit) => Promise<Response>

/** The one form of a hosted page: where it posts, and what it holds. */
export interface Form {
  readonly id: string
  readonly action: string
  /** Hidden inputs and values that are filled in already. */
  readonly values: ReadonlyArray<readonly [string, string]>
  readonly checkboxes: ReadonlyArray<{
    readonly name: string
    readonly value: string
    readonly checked: boolean
    readonly disabled: boolean
  }>
  /** Submit buttons that have a name: of them a browser sends the one that was pressed. */
  readonly buttons: ReadonlyArray<readonly [string, string]>
}

const MAX_REDIRECTS = 10

/**
 * A browser without JavaScript: cookies, redirects, forms. Enough for every hosted page, since none needs more.
 */
export class FormBrowser {
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #transport: Transport

  constructor(transport: Transport = fetch) {
    this.#transport = transport
  }

  /** One request, without following redirects. */
  async visit(url: string, options: VisitOptions = {}): Promise<Visit> {
    const { origin } = new URL(url)
    const jar = options.cookies === false ? [] : [...(this.#cookies.get(origin) ?? [])]
    const cookie = jar.map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#transport(url, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    })
    for (const line of response.headers.getSetCookie()) this.#store(origin, line)
    return { url, status: response.status, headers: response.headers, body: await response.text() }
  }

  /** Follows redirects until a page, or until `stopAt` says that a location is not ours to visit. */
  async follow(
    visit: Visit,
    stopAt: (location: string) => boolean,
  ): Promise<{ readonly visit: Visit; readonly location?: string }> {
    let current = visit
    for (let count = 0; count < MAX_REDIRECTS; count++) {
      const location = current.headers.get('location')
      if (location === null) return { visit: current }
      const target = URL.parse(location, current.url)?.href ?? location
      if (stopAt(location)) return { visit: current, location }
      current = await this.visit(target)
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects from ${visit.url}`)
  }

  /** Posts a form of a page with these values in place of its own; as a browser does, from the page's own origin. */
  async submit(page: Visit, values: ReadonlyArray<readonly [string, string]>): Promise<Visit> {
    const form = readForm(page)
    const body = new URLSearchParams()
    const given = new Set(values.map(([name]) => name))
    for (const [name, value] of form.values) if (!given.has(name)) body.append(name, value)
    for (const [name, value] of values) body.append(name, value)
    return this.visit(form.action, {
      body,
      headers: { origin: new URL(page.url).origin, 'sec-fetch-site': 'same-origin' },
    })
  }

  /** The cookies this browser holds for an origin. */
  cookies(origin: string): ReadonlyMap<string, string> {
    return this.#cookies.get(origin) ?? new Map()
  }

  setCookie(origin: string, name: string, value: string): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    jar.set(name, value)
    this.#cookies.set(origin, jar)
  }

  #store(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    const gone = attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0')
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    if (gone) jar.delete(name)
    else jar.set(name, pair.slice(equals + 1).trim())
    this.#cookies.set(origin, jar)
  }
}

/** Reads the form of a hosted page. @throws where there is none */
export function readForm({ body, url }: Pick<Visit, 'body' | 'url'>): Form {
  const form = /<form\b(?:[^>"]|"[^"]*")*>/.exec(body)
  if (!form) throw new Error(`no form on ${url}`)
  const inner = body.slice(form.index, body.indexOf('</form>', form.index))
  const values: Array<readonly [string, string]> = []
  const checkboxes: Array<Form['checkboxes'][number]> = []
  for (const [tag] of inner.matchAll(/<input\b(?:[^>"]|"[^"]*")*>/g)) {
    const name = attribute(tag, 'name')
    if (name === undefined) continue
    const value = attribute(tag, 'value') ?? ''
    if (attribute(tag, 'type') === 'checkbox') {
      const flags = tag.replace(/"[^"]*"/g, '')
      checkboxes.push({
        name,
        value,
        checked: /\schecked\b/.test(flags),
        disabled: /\sdisabled\b/.test(flags),
      })
    } else {
      values.push([name, value])
    }
  }
  const buttons: Array<readonly [string, string]> = []
  for (const [tag] of inner.matchAll(/<button\b(?:[^>"]|"[^"]*")*>/g)) {
    const name = attribute(tag, 'name')
    if (name !== undefined) buttons.push([name, attribute(tag, 'value') ?? ''])
  }
  const action = attribute(form[0], 'action') ?? url
  return {
    id: attribute(form[0], 'id') ?? '',
    action: new URL(action, url).href,
    values,
    checkboxes,
    buttons,
  }
}

/** `data-page` of a hosted page. */
export function pageName({ body }: Pick<Visit, 'body'>): string | undefined {
  return /<body\b[^>]*\bdata-page="([^"]*)"/.exec(body)?.[1]
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value?.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
}
