import { z } from 'zod'
import { AdminError } from './admin-error.ts'

/** A request is one line of JSON, and so is its answer; then the server closes the connection. */
export const socketRequest = z.strictObject({ op: z.string().max(100), input: z.unknown() })

export const socketAnswer = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      reason: z.string(),
      message: z.string(),
      received: z.string().optional(),
      expected: z.string().optional(),
      fix: z.string().optional(),
      problems: z.array(z.string()).readonly().optional(),
    }),
  }),
])

export type SocketAnswer = z.output<typeof socketAnswer>

/** No request is longer: the longest holds a client's metadata. */
export const LONGEST_LINE = 1_048_576

/** How long either side waits for the other. */
export const PATIENCE_MS = 30_000

/** The result of an answer. @throws {AdminError} where it is a refusal */
export function resultOf(answer: SocketAnswer): unknown {
  if (answer.ok) return answer.result
  const { reason, message, ...detail } = answer.error
  throw new AdminError(reason, message, detail)
}
