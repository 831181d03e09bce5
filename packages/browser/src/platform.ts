/** The part of `sessionStorage` that is used. */
export type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The part of `navigator.locks` that is used (Web Locks API). */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

/** The part of `BroadcastChannel` that is used. */
export interface Channel {
  postMessage(message: unknown): void
  close(): void
  onmessage: ((event: MessageEvent<unknown>) => void) | null
}

/**
 * Everything the client takes from the browser. Replace members to test an app without a browser, or to watch and
 * change what is sent (the demo's "break it" buttons do).
 */
export interface Platform {
  readonly fetch: (request: Request | string, init?: RequestInit) => Promise<Response>
  readonly crypto: Crypto
  /** Pending logins live here: per tab, and still there after the redirect. */
  readonly sessionStorage: WebStorage
  readonly location: { readonly href: string; assign(url: string): void }
  /** Absent in old browsers: refreshes are then single-flight per tab only. */
  readonly locks: Locks | undefined
  readonly openChannel: ((name: string) => Channel) | undefined
  /** Calls back when the browser shows this page again as it was left (Back, from its cache). Returns what ends it. */
  readonly onRestore: ((listener: () => void) => () => void) | undefined
  /** Milliseconds since 1970, as `Date.now`. */
  readonly now: () => number
}

/** The real browser. Members are read when they are used, so that creating a client on a server does not fail. */
export const browserPlatform: Platform = {
  fetch: (request, init) => globalThis.fetch(request, init),
  get crypto() {
    return globalThis.crypto
  },
  get sessionStorage() {
    return globalThis.sessionStorage
  },
  get location() {
    return globalThis.location
  },
  get locks() {
    return globalThis.navigator?.locks
  },
  get openChannel() {
    // On a server there are no tabs, and an open channel would keep the process alive.
    return typeof document === 'undefined' ? undefined : (name: string) => new BroadcastChannel(name)
  },
  get onRestore() {
    return typeof document === 'undefined' ? undefined : onRestore
  },
  now: () => Date.now(),
}

function onRestore(listener: () => void): () => void {
  const shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) listener()
  }
  addEventListener('pageshow', shown)
  return () => removeEventListener('pageshow', shown)
}

/** `overrides` over the browser's own, keeping the getters lazy. */
export function withPlatform(overrides: Partial<Platform> = {}): Platform {
  return Object.create(browserPlatform, Object.getOwnPropertyDescriptors(overrides)) as Platform
}
