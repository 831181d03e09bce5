import type { AuthError } from './errors.ts'
import type { TokenStorage } from './options.ts'
import type { Platform } from './platform.ts'
import { parseSession, type Session, serializeSession } from './session.ts'
import { createSnapshotStore, type SnapshotStore } from './snapshot.ts'
import { openTabs } from './tabs.ts'
import type { Trace } from './trace.ts'

/** How long a tab that starts with a stored session waits to hear of a newer record of it. */
const ANSWER_MS = 100

/** The one owner of the session: in memory, in the store, in the other tabs, and as a snapshot for the app. */
export interface SessionKeeper {
  readonly snapshot: SnapshotStore
  /** Resolves once the stored session has been read. */
  readonly ready: Promise<void>
  /** Resolves once other tabs had their chance to correct what was stored. Await it before the first refresh. */
  readonly corrected: Promise<void>
  current(): Session | undefined
  /** Reads the store again: several tabs may share it. Call it under the lock. */
  reload(): Promise<Session | undefined>
  /** Hears what other tabs have to say. Call it under the lock, before `reload`. */
  catchUp(): Promise<void>
  /** Stores a record. Nobody is told yet. */
  keep(session: Session): Promise<void>
  /** Tells the other tabs. Call it under the lock: whoever gets it next must know. */
  share(): void
  /** Tells the app. Call it after the lock is released. */
  announce(): void
  /** Forgets the session, here and in the tabs that share it (`all`: in every tab of this app). */
  end(error: AuthError | undefined, all?: boolean): Promise<void>
  /** Shows `loading` until `settle`. */
  beginLogin(): void
  settle(error: AuthError | undefined): void
  dispose(): void
}

export function createSessionKeeper(
  key: string,
  storage: TokenStorage,
  platform: Platform,
  trace: Trace,
): SessionKeeper {
  const snapshot = createSnapshotStore()
  let session: Session | undefined
  let error: AuthError | undefined
  let busy = 1 // reading the store
  let disposed = false
  let answered: () => void = () => undefined

  const publish = (): void => {
    if (!disposed) snapshot.publish(busy > 0, session, error)
  }

  const adopt = (record: Session): void => {
    if (record.id !== session?.id || record.generation <= session.generation) return
    session = record
    void storage.set(key, serializeSession(record))
    trace({ step: 'refresh_shared' })
    answered()
    publish()
  }

  const tabs = openTabs(key, platform, (message) => {
    if (message.type === 'session') adopt(message.session)
    else if (message.type === 'ask') {
      if (session?.id === message.id && session.generation > message.generation)
        tabs?.post({ type: 'session', session })
    } else if (session && (message.id === undefined || message.id === session.id)) {
      session = undefined
      void storage.remove(key)
      trace({ step: 'signed_out', error: undefined })
      publish()
    }
  })

  async function load(): Promise<void> {
    session = parseSession(await storage.get(key))
    busy -= 1
    publish()
  }

  async function askOthers(): Promise<void> {
    if (!session || !tabs) return
    tabs.post({ type: 'ask', id: session.id, generation: session.generation })
    await new Promise<void>((resolve) => {
      answered = resolve
      setTimeout(resolve, ANSWER_MS)
    })
  }

  /** Since this page was left, somebody may have signed in or out in this tab. */
  async function restore(): Promise<void> {
    session = parseSession(await storage.get(key))
    publish()
  }

  const ready = load()
  const stopRestoring = platform.onRestore?.(() => void restore())
  return {
    snapshot,
    ready,
    corrected: ready.then(askOthers),
    current: () => session,
    catchUp: async () => tabs?.catchUp(),
    async reload() {
      const stored = parseSession(await storage.get(key))
      // Equal generations: the one in memory may hold more access tokens.
      if (stored && !(stored.id === session?.id && stored.generation <= session.generation)) session = stored
      else if (!stored) session = undefined
      return session
    },
    async keep(record) {
      session = record
      error = undefined
      await storage.set(key, serializeSession(record))
    },
    share() {
      if (session) tabs?.post({ type: 'session', session })
    },
    announce: publish,
    async end(reason, all = false) {
      const id = session?.id
      session = undefined
      error = reason
      await storage.remove(key)
      if (all || id) tabs?.post({ type: 'signed-out', id: all ? undefined : id })
      trace({ step: 'signed_out', error: reason })
      publish()
    },
    beginLogin() {
      busy += 1
      publish()
    },
    settle(reason) {
      busy -= 1
      error = reason
      publish()
    },
    dispose() {
      disposed = true
      answered()
      tabs?.close()
      stopRestoring?.()
      snapshot.clear()
    },
  }
}
