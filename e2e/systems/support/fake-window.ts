import { expect } from 'vitest'

type Listener = (event: { readonly origin: string; readonly source: object; readonly data: unknown }) => void

export interface Frame {
  hidden: boolean
  src: string
  readonly contentWindow: object
  remove(): void
}

/** What `fakeWindow` is asked to do by the script in it. */
export interface WindowOptions {
  readonly origin: string
  /** Shared by the windows of one origin. */
  readonly storage: Map<string, string>
  readonly search?: string
  /** Of a frame: the window around it. */
  readonly parent?: object
  /** Where the frames of this page are loaded. */
  loadFrame?(frame: Frame): void
}

/**
 * As much of a browser's window as a single-page app's client needs. `fetch` keeps to CORS (Fetch §3.2): it asks first
 * where a header demands it, and gives no answer of another origin to the script unless that origin allows it.
 */
export function fakeWindow({ origin, storage, search = '', parent, loadFrame }: WindowOptions) {
  const listeners = new Set<Listener>()
  const self: object = {}
  const post = (data: unknown) => {
    for (const listener of [...listeners]) listener({ origin, source: framed ?? self, data })
  }
  let framed: object | undefined
  const window = Object.assign(self, {
    location: { href: `${origin}/`, origin, pathname: '/callback', search },
    localStorage: {
      getItem: (name: string) => storage.get(name) ?? null,
      setItem: (name: string, value: string) => void storage.set(name, value),
      removeItem: (name: string) => void storage.delete(name),
    },
    crypto,
    atob,
    fetch: (url: string, init: RequestInit = {}) => fetchFrom(origin, url, init),
    addEventListener: (_type: 'message', listener: Listener) => listeners.add(listener),
    removeEventListener: (_type: 'message', listener: Listener) => listeners.delete(listener),
    postMessage: (data: unknown, target: string) => {
      if (target === origin) post(data)
    },
    parent: parent ?? self,
    document: {
      createElement: (): Frame => {
        const contentWindow = {}
        framed = contentWindow
        let src = ''
        return {
          hidden: false,
          contentWindow,
          remove: () => undefined,
          get src() {
            return src
          },
          set src(url: string) {
            src = url
            loadFrame?.(this)
          },
        }
      },
      body: { append: (_frame: Frame) => undefined },
    },
  })
  return window
}

/** Headers and types that need no preflight (Fetch §2.2.2). */
const SIMPLE_TYPE = /^application\/x-www-form-urlencoded(?:;|$)/i

async function fetchFrom(origin: string, url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('origin', origin)
  const type = headers.get('content-type')
  const unsafe = [...headers.keys()].filter(
    (name) =>
      !['accept', 'origin'].includes(name) && (name !== 'content-type' || !SIMPLE_TYPE.test(type ?? '')),
  )
  if (unsafe.length > 0) {
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': init.method ?? 'GET',
        'access-control-request-headers': unsafe.join(','),
      },
    })
    const allowed = (asked.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/)
    expect(asked.ok && unsafe.every((name) => allowed.includes(name)), `preflight of ${url}`).toBe(true)
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin)
  }
  const response = await fetch(url, { ...init, headers, redirect: 'manual' })
  if (response.headers.get('access-control-allow-origin') !== origin) throw new TypeError('Failed to fetch')
  return response
}
