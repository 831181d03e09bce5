import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

export interface Note {
  readonly id: number
  readonly text: string
  readonly created_at: string
}

const MAX_BODY = 4_096
const MAX_TEXT = 280
const NOTES_KEPT = 50
const USERS_KEPT = 1_000

export interface Notes {
  of(sub: string): readonly Note[]
  add(sub: string, text: string): Note
  clear(sub: string): readonly Note[]
}

/** Notes in memory, by user. The newest fifty of the newest thousand users. */
export function createNotes(): Notes {
  const bySub = new Map<string, Note[]>()
  let lastId = 0
  return {
    of: (sub) => bySub.get(sub) ?? [],
    add(sub, text) {
      lastId += 1
      const note = { id: lastId, text, created_at: new Date().toISOString() }
      const notes = [...(bySub.get(sub) ?? []), note].slice(-NOTES_KEPT)
      bySub.delete(sub)
      bySub.set(sub, notes)
      const [oldest] = bySub.keys()
      if (bySub.size > USERS_KEPT && oldest !== undefined) bySub.delete(oldest)
      return note
    },
    clear(sub) {
      bySub.delete(sub)
      return []
    },
  }
}

/** @throws Refusal 400, 413 or 415 where the body is no `{"text": "…"}` */
export async function readNoteText(request: IncomingMessage): Promise<string> {
  if (!request.headers['content-type']?.startsWith('application/json')) {
    throw refuse(415, 'content_type_unsupported', 'Send application/json.')
  }
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_BODY) throw refuse(413, 'body_too_large', `At most ${MAX_BODY} characters.`)
  }
  const note = parse(text)
  if (note === undefined || note.length > MAX_TEXT) {
    throw refuse(400, 'text_invalid', `Send {"text": "…"} with 1 to ${MAX_TEXT} characters.`)
  }
  return note
}

function parse(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || !value || !('text' in value) || typeof value.text !== 'string')
      return undefined
    return value.text.trim() || undefined
  } catch {
    return undefined
  }
}

function refuse(status: 400 | 413 | 415, reason: string, description: string): Refusal {
  return new Refusal(status, 'invalid_request', { reason, description })
}
