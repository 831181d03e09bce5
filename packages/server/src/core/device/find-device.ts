import type { DeviceCodeRecord, SessionRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import type { BrowserTransaction } from '../interaction/forms.ts'
import type { DeviceProblem } from '../interaction/pages.ts'
import { attemptWithin, type Bucket } from '../throttling/attempts.ts'
import {
  userCodeAccountLimit,
  userCodeBrowserLimit,
  userCodeLimit,
  userCodeSignedInLimit,
  userCodesUnderAttack,
} from '../throttling/limits.ts'
import { networkOf } from '../throttling/network-of.ts'
import { throttleKey } from '../throttling/throttle-key.ts'
import { hashUserCode, readUserCode } from './user-code.ts'

export type FoundDevice =
  | { readonly kind: 'found'; readonly device: DeviceCodeRecord; readonly userCode: string }
  | DeviceProblem

/** Wrong codes that a network has left while the workspace is under attack. */
const LEFT_UNDER_ATTACK = 2

/**
 * The device that waits under this user code. Unknown, expired and answered codes give one answer.
 *
 * Security (RFC 8628 §5.1): wrong codes are counted by network and by browser. Many of them from everywhere are an attack
 * on the workspace, and leave each network two; the bucket of all locks nobody out. A person who is signed in is counted
 * by account instead, so that no neighbour and no attack is in their way; only accounts by the dozen fill the bucket that
 * a network has for them. A right code empties no bucket: guessers can make devices of their own.
 */
export async function findDevice(
  exchange: Exchange,
  transaction: BrowserTransaction,
  sessions: readonly SessionRecord[],
  typed: string,
): Promise<FoundDevice> {
  if (typed.trim() === '') return { kind: 'missing' }
  const userCode = readUserCode(typed)
  // No code looks like that: there is nothing to be learned, and a slip of the finger costs nothing.
  if (userCode === undefined) return { kind: 'unknown' }
  const { counted, watched } = bucketsOf(exchange, transaction, sessions)
  const blocked = watched && (await waitUnderAttack(exchange, watched))
  if (blocked) return { kind: 'throttled', retryAfter: blocked }
  const result = await attemptWithin(exchange, counted, () =>
    lookUp(exchange, userCode, watched ? [...counted, [watched.everybody, userCodesUnderAttack]] : counted),
  )
  return typeof result === 'number' ? { kind: 'throttled', retryAfter: result } : result
}

/** The bucket of all, and the network it is held against. */
interface Watched {
  readonly everybody: string
  readonly network: string
}

function bucketsOf(
  { workspace, request }: Exchange,
  transaction: BrowserTransaction,
  [session]: readonly SessionRecord[],
): { readonly counted: readonly Bucket[]; readonly watched?: Watched } {
  const place = networkOf(request.remote)
  if (session) {
    return {
      counted: [
        [throttleKey(workspace, `user-code account ${session.userId}`), userCodeAccountLimit],
        [throttleKey(workspace, `user-code signed-in network ${place}`), userCodeSignedInLimit],
      ],
    }
  }
  const network = throttleKey(workspace, `user-code network ${place}`)
  const browser = throttleKey(workspace, `user-code browser ${transaction.hash}`)
  return {
    counted: [
      [network, userCodeLimit],
      [browser, userCodeBrowserLimit],
    ],
    watched: { everybody: throttleKey(workspace, 'user-code everybody'), network },
  }
}

/** Seconds to wait, where the workspace is under attack and this network has used up what that leaves it. */
async function waitUnderAttack(
  { deps, workspace }: Exchange,
  { everybody, network }: Watched,
): Promise<number> {
  const found = await deps.store.throttles.find(workspace.id, [everybody, network])
  const wait = (found.get(everybody)?.blockedUntil ?? 0) - deps.clock.now()
  const failures = found.get(network)?.failures ?? 0
  return wait > 0 && failures >= LEFT_UNDER_ATTACK ? wait : 0
}

async function lookUp(
  { deps, workspace }: Exchange,
  userCode: string,
  buckets: readonly Bucket[],
): Promise<FoundDevice> {
  const now = deps.clock.now()
  const device = await deps.store.deviceCodes.findByUserCode(workspace.id, hashUserCode(workspace, userCode))
  if (device && isWaiting(device, now)) return { kind: 'found', device, userCode }
  for (const [key, limit] of buckets) await deps.store.throttles.fail(workspace.id, key, now, limit)
  return { kind: 'unknown' }
}

/** Whether the device may still be answered. */
export function isWaiting({ answeredAt, expiresAt }: DeviceCodeRecord, now: number): boolean {
  return answeredAt === null && expiresAt > now
}
