import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'
import type { Store } from '../../store/store.ts'
import type { Clock, Random, Vault } from '../ports.ts'
import { generateSigningKey } from './generate.ts'

/** How long verifiers may keep our JWKS (`Cache-Control: max-age`). */
export const JWKS_MAX_AGE: Seconds = 300

/** A new key is published this long before it signs: every cache has seen it by then. */
export const ROTATION_LEAD: Seconds = 2 * JWKS_MAX_AGE

export interface RotationDeps {
  readonly store: Store
  readonly vault: Vault
  readonly random: Random
  readonly clock: Clock
}

export interface RotationPlan {
  readonly workspaceId: string
  readonly algs: readonly SigningAlgorithm[]
  /** Seconds between publishing and signing; 0 signs at once. */
  readonly lead: Seconds
  /** The longest life of a token that an old key may have signed. */
  readonly longestToken: Seconds
  /** The longest life of a session: its ID tokens come back as hints at logout. */
  readonly longestSession: Seconds
}

/**
 * Publishes a new key of each algorithm, and plans the end of those that sign now. The old keys stay in the JWKS until
 * the last token that they can have signed has expired, and verify hints until the last session has.
 */
export async function rotateKeys(
  deps: RotationDeps,
  plan: RotationPlan,
): Promise<readonly SigningKeyRecord[]> {
  const now = deps.clock.now()
  const activateAt = now + plan.lead
  const existing = await deps.store.keys.list(plan.workspaceId)
  const made: SigningKeyRecord[] = []
  for (const alg of plan.algs) {
    const key = await generateSigningKey(deps, plan.workspaceId, alg, { createdAt: now, activateAt })
    await deps.store.keys.insert(key)
    made.push(key)
    const old = existing.filter((record) => record.alg === alg && record.withdrawAt === null)
    for (const record of old) await planEnd(deps.store, record, activateAt, plan)
  }
  return made
}

/** Takes a key out of use at once: it signs and verifies nothing any more (a leaked key). */
export async function revokeKey(deps: RotationDeps, key: SigningKeyRecord): Promise<boolean> {
  const now = deps.clock.now()
  return deps.store.keys.setState(key.workspaceId, key.kid, key.state, 'revoked', {
    withdrawAt: now,
    deleteAt: now + 86_400,
  })
}

/** The first keys of a workspace, and those of algorithms that it was given since. */
export async function ensureKeys(
  deps: RotationDeps,
  workspaceId: string,
  algs: readonly SigningAlgorithm[],
): Promise<readonly SigningKeyRecord[]> {
  const now = deps.clock.now()
  const existing = await deps.store.keys.list(workspaceId)
  const made: SigningKeyRecord[] = []
  for (const alg of algs) {
    if (existing.some((key) => key.alg === alg && signsOrWill(key))) continue
    const key = await generateSigningKey(deps, workspaceId, alg, { createdAt: now, activateAt: now })
    await deps.store.keys.insert(key)
    made.push(key)
  }
  return made
}

/** What a person calls the key's state at this moment. */
export function stateAt(
  key: SigningKeyRecord,
  all: readonly SigningKeyRecord[],
  now: EpochSeconds,
): 'next' | 'active' | 'retired' | 'withdrawn' | 'revoked' {
  if (key.state === 'revoked') return 'revoked'
  if (key.withdrawAt !== null && key.withdrawAt <= now) return 'withdrawn'
  if (key.state === 'retired') return 'retired'
  if (key.activateAt > now) return 'next'
  const younger = all.some(
    (other) =>
      other.alg === key.alg &&
      signsOrWill(other) &&
      other.activateAt <= now &&
      other.activateAt > key.activateAt,
  )
  return younger ? 'retired' : 'active'
}

function signsOrWill(key: SigningKeyRecord): boolean {
  return key.state === 'active' || key.state === 'next'
}

/**
 * A key that signs stays until its last token has expired. One that waits for a turn after the new key's never signed
 * anything, and never will.
 */
async function planEnd(
  store: Store,
  key: SigningKeyRecord,
  from: EpochSeconds,
  plan: RotationPlan,
): Promise<void> {
  // A key that waits behind its own successor never signs.
  const state = key.activateAt > from ? 'retired' : key.state
  if (key.activateAt > from) {
    const deleteAt = from + JWKS_MAX_AGE
    await store.keys.setState(key.workspaceId, key.kid, key.state, 'retired', { withdrawAt: from, deleteAt })
    return
  }
  const withdrawAt = from + plan.longestToken + JWKS_MAX_AGE
  const deleteAt = from + Math.max(plan.longestSession, plan.longestToken) + JWKS_MAX_AGE
  await store.keys.setState(key.workspaceId, key.kid, key.state, state, { withdrawAt, deleteAt })
}
