/** Tabs of one browser, without a browser: each has its own sessionStorage, they share locks and channels. */
import type {
  AuthClient,
  AuthClientOptions,
  Channel,
  Locks,
  Platform,
  TraceEvent,
  WebStorage,
} from '../src/index.ts'
import { createAuthClient } from '../src/index.ts'
import { API, CLIENT_ID, createFakeServer, type FakeServer, ISSUER } from './fake-server.ts'

export interface Tab {
  readonly auth: AuthClient
  readonly storage: WebStorage & { readonly values: Map<string, string> }
  readonly trace: TraceEvent[]
  /** Where the browser was sent last. */
  readonly sentTo: () => string
  /** The page loads again at `url`: a new client over the same sessionStorage. */
  open(url?: string, options?: Partial<AuthClientOptions>): Tab
  /** "Duplicate tab": a copy of the sessionStorage. */
  duplicate(): Tab
  /** Back to this page, which the browser kept as it was left. */
  restore(): void
}

export interface Browser {
  readonly server: FakeServer
  readonly clock: { advance(seconds: number): void }
  tab(options?: Partial<AuthClientOptions>): Tab
  /** A tab in which somebody has just signed in. */
  signedInTab(options?: Partial<AuthClientOptions>): Promise<Tab>
}

export async function createBrowser(alg?: Parameters<typeof createFakeServer>[1]): Promise<Browser> {
  let offset = 0
  const now = (): number => Date.now() + offset
  const server = await createFakeServer(now, alg)
  const locks = createLocks()
  const openChannel = createChannels()

  function newTab(values: Map<string, string>, href: string, options: Partial<AuthClientOptions>): Tab {
    const storage = createStorage(values)
    const trace: TraceEvent[] = []
    let restore = (): void => undefined
    const location = {
      href,
      assign(url: string): void {
        location.href = url
      },
    }
    const platform: Partial<Platform> = {
      fetch: (request, init) => server.fetch(request, init),
      sessionStorage: storage,
      location,
      locks,
      openChannel,
      onRestore(listener) {
        restore = listener
        return () => undefined
      },
      now,
    }
    const auth = createAuthClient({
      issuer: ISSUER,
      clientId: CLIENT_ID,
      redirectUri: 'https://app.example/callback',
      postLogoutRedirectUri: 'https://app.example/',
      audience: API,
      scope: 'openid profile offline_access notes:read',
      onTrace: (event) => trace.push(event),
      ...options,
      platform: { ...platform, ...options.platform },
    })
    return {
      auth,
      storage,
      trace,
      sentTo: () => location.href,
      open: (url = 'https://app.example/', more = {}) => newTab(values, url, { ...options, ...more }),
      restore: () => restore(),
      duplicate: () => newTab(new Map(values), location.href, options),
    }
  }

  const browser: Browser = {
    server,
    clock: {
      advance(seconds) {
        offset += seconds * 1000
      },
    },
    tab: (options = {}) => newTab(new Map(), 'https://app.example/', options),
    async signedInTab(options) {
      const tab = browser.tab(options)
      await tab.auth.login()
      const back = tab.open(server.allow(tab.sentTo()))
      await back.auth.handleCallback()
      return back
    },
  }
  return browser
}

function createStorage(values: Map<string, string>): Tab['storage'] {
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

function createLocks(): Locks {
  const queues = new Map<string, Promise<unknown>>()
  return {
    request(name, _options, work) {
      const turn = (queues.get(name) ?? Promise.resolve()).then(work)
      queues.set(
        name,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}

function createChannels(): (name: string) => Channel {
  const open = new Map<string, Set<Channel>>()
  return (name) => {
    const peers = open.get(name) ?? new Set()
    open.set(name, peers)
    const channel: Channel = {
      onmessage: null,
      postMessage(message) {
        const data: unknown = structuredClone(message)
        for (const peer of peers) {
          if (peer !== channel) queueMicrotask(() => peer.onmessage?.(new MessageEvent('message', { data })))
        }
      },
      close: () => void peers.delete(channel),
    }
    peers.add(channel)
    return channel
  }
}
