import type { ClientRecord, UserRecord } from '../../store/records.ts'
import { passwordSource } from '../authorization/identity-sources.ts'
import type { Exchange } from '../exchange.ts'
import type { SignInProblem } from '../interaction/pages.ts'
import { HasherBusy } from '../ports.ts'
import { attemptWithin, type Bucket } from '../throttling/attempts.ts'
import { isKnownDevice, rememberDevice } from '../throttling/known-device.ts'
import { accountLimit, addressLimit, knownDeviceLimit } from '../throttling/limits.ts'
import { networkOf } from '../throttling/network-of.ts'
import { throttleKey } from '../throttling/throttle-key.ts'
import { usernameKey } from './username.ts'

export type PasswordResult =
  | { readonly kind: 'ok'; readonly user: UserRecord; readonly cookies: readonly string[] }
  | SignInProblem

/** Longer ones are refused before they are hashed; nobody's password is. Bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 1024

/**
 * Checks a password against one account: that of the client's first identity source of our own. Unknown user, wrong password and
 * disabled account give one answer in one time.
 *
 * Security: failures are counted by account, and by address. A browser that has signed in to the account before has a
 * bucket of its own, so nobody can lock the owner out by guessing; wherever its cookie is used, since it may be copied.
 */
export async function verifyPassword(
  exchange: Exchange,
  client: ClientRecord,
  username: string,
  password: string,
): Promise<PasswordResult> {
  const { deps, workspace, request } = exchange
  const key = usernameKey(username)
  if (username.trim() === '') return { kind: 'missing_username' }

  const source = passwordSource(exchange, client) ?? ''
  const user = key === '' ? undefined : await deps.store.users.findByUsername(workspace.id, source, key)
  const known = user !== undefined && isKnownDevice(exchange, user.userId)
  const account = throttleKey(workspace, known ? `device ${user.userId}` : `account ${source} ${key}`)
  const address = throttleKey(workspace, `address ${networkOf(request.remote)}`)
  const buckets: readonly Bucket[] = known
    ? [[account, knownDeviceLimit]]
    : [
        [account, accountLimit],
        [address, addressLimit],
      ]
  const result = await attemptWithin(exchange, buckets, () => tryPassword(exchange, user, password, buckets))
  return typeof result === 'number' ? { kind: 'throttled', retryAfter: result } : result
}

async function tryPassword(
  exchange: Exchange,
  user: UserRecord | undefined,
  password: string,
  buckets: readonly Bucket[],
): Promise<PasswordResult> {
  const { deps, workspace } = exchange
  const normal = password.normalize('NFC')
  const hashable = Buffer.byteLength(normal) <= MAX_PASSWORD_BYTES
  let right: boolean
  try {
    right = await deps.hasher.verify(user?.passwordHash ?? null, hashable ? normal : '')
  } catch (error) {
    if (error instanceof HasherBusy) return { kind: 'busy', retryAfter: 2 }
    throw error
  }
  if (!right || !hashable || normal === '' || !user?.enabled) {
    const now = deps.clock.now()
    for (const [key, limit] of buckets) await deps.store.throttles.fail(workspace.id, key, now, limit)
    return normal === '' ? { kind: 'missing_password' } : { kind: 'wrong_credentials' }
  }
  // Security: hashing takes its time. Who was disabled meanwhile, or given another password, is not signed in by the old.
  const current = await deps.store.users.find(workspace.id, user.userId)
  if (!current?.enabled || current.passwordHash !== user.passwordHash) return { kind: 'wrong_credentials' }
  // The account's own bucket. That of the address stays: else an account of one's own would empty it.
  const [account] = buckets
  if (account) await deps.store.throttles.clear(workspace.id, account[0])
  return { kind: 'ok', user: current, cookies: rememberDevice(exchange, user.userId) }
}
