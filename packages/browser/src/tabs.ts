import { randomString } from './encoding.ts'
import { isObject } from './http.ts'
import type { Channel, Platform } from './platform.ts'
import { parseSession, type Session } from './session.ts'

/** What tabs of one app tell each other. They are one origin: each could read the other's storage anyway. */
export type TabMessage =
  | { readonly type: 'session'; readonly session: Session }
  /** "Who has a newer record of this session?" A restored or duplicated tab may hold an old refresh token. */
  | { readonly type: 'ask'; readonly id: string; readonly generation: number }
  /** Without `id`: everybody, because the browser's session at the server ended. */
  | { readonly type: 'signed-out'; readonly id: string | undefined }

/** Where no echo comes: a browser that throttles or freezes. */
const ECHO_MS = 200

export interface Tabs {
  post(message: TabMessage): void
  /** Resolves when what other tabs said before this moment has arrived: one's own words come after theirs. */
  catchUp(): Promise<void>
  close(): void
}

export function openTabs(
  name: string,
  platform: Platform,
  receive: (message: TabMessage) => void,
): Tabs | undefined {
  let channel: Channel | undefined
  try {
    channel = platform.openChannel?.(name)
  } catch {
    return undefined // some embedded browsers refuse; each tab then stands alone
  }
  if (!channel) return undefined
  const opened = channel
  const echoes = new Map<unknown, () => void>()
  opened.onmessage = ({ data }) => {
    const message = parseMessage(data)
    if (message) receive(message)
    else if (isObject(data)) echoes.get(data.echo)?.()
  }
  return {
    post: (message) => opened.postMessage(message),
    async catchUp() {
      const mouth = platform.openChannel?.(name) // a channel does not hear itself
      const echo = randomString(platform.crypto)
      await new Promise<void>((resolve) => {
        echoes.set(echo, resolve)
        mouth?.postMessage({ echo })
        setTimeout(resolve, ECHO_MS)
      })
      echoes.delete(echo)
      mouth?.close()
    },
    close() {
      opened.onmessage = null
      opened.close()
    },
  }
}

function parseMessage(data: unknown): TabMessage | undefined {
  if (!isObject(data)) return undefined
  const { type, id, generation } = data
  if (type === 'session') {
    const session = parseSession(data.session)
    return session && { type, session }
  }
  if (type === 'ask' && typeof id === 'string' && typeof generation === 'number')
    return { type, id, generation }
  if (type === 'signed-out') return { type, id: typeof id === 'string' ? id : undefined }
  return undefined
}
