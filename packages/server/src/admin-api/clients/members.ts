import { z } from 'zod'
import type { ClientMetadata } from '../../protocol/client-metadata.ts'

/**
 * Members of a client's metadata as they are given: RFC 7591's and Pixy's own. `checkClient` says which there are and
 * what they may be.
 */
export const givenMembers = z.record(z.string().min(1).max(100), z.json())

/** Lays members over metadata; `null` takes one out, so that its default holds again. */
export function layOver(
  metadata: ClientMetadata,
  members: Readonly<Record<string, unknown>>,
): ClientMetadata {
  const kept = Object.entries({ ...metadata, ...members }).filter(
    ([, value]) => value !== null && value !== undefined,
  )
  // `checkClient` looks at what comes out before it is stored.
  return { ...Object.fromEntries(kept), client_id: metadata.client_id }
}
