/**
 * Codes and refresh families as a few lines of plain code: what an engine does is compared with what this
 * does, over sequences that nobody thought of.
 */
import type { EpochSeconds } from '../../protocol/types.ts'
import { NOW } from './builders.ts'

export const IDLE = 40
export const CODE_LIFETIME = 30

export interface ModelCode {
  readonly expiresAt: EpochSeconds
  consumedAt: EpochSeconds | null
}

export interface ModelGrant {
  readonly userId: string
  readonly clientId: string
  revokedAt: EpochSeconds | null
  generation: number
  currentHash: string
  previousHash: string | null
  idleExpiresAt: EpochSeconds
  readonly absoluteExpiresAt: EpochSeconds
}

/** A code, its grant and its family share a key. */
export class Model {
  now: EpochSeconds = NOW
  readonly codes = new Map<string, ModelCode>()
  readonly grants = new Map<string, ModelGrant>()

  insert(key: string): void {
    this.codes.set(key, { expiresAt: this.now + CODE_LIFETIME, consumedAt: null })
  }

  redeem(key: string, grant: Omit<ModelGrant, 'revokedAt' | 'generation' | 'previousHash'>): boolean {
    const code = this.codes.get(key)
    if (!code || code.consumedAt !== null || code.expiresAt <= this.now) return false
    code.consumedAt = this.now
    this.grants.set(key, { ...grant, revokedAt: null, generation: 1, previousHash: null })
    return true
  }

  rotate(key: string, presentedHash: string, nextHash: string): boolean {
    const grant = this.#living(key, presentedHash)
    if (!grant) return false
    grant.previousHash = grant.currentHash
    grant.currentHash = nextHash
    grant.generation += 1
    grant.idleExpiresAt = this.now + IDLE
    return true
  }

  slide(key: string, presentedHash: string): boolean {
    const grant = this.#living(key, presentedHash)
    if (!grant) return false
    grant.idleExpiresAt = this.now + IDLE
    return true
  }

  revoke(key: string): void {
    this.#endUnspent(key)
    const grant = this.grants.get(key)
    if (grant) grant.revokedAt ??= this.now
  }

  revokeByUser(keys: readonly string[], userId: string, clientId: string | null): void {
    for (const key of keys) {
      const owner = ownerOf(key)
      if (owner.userId === userId && (clientId === null || owner.clientId === clientId)) this.revoke(key)
    }
  }

  #living(key: string, presentedHash: string): ModelGrant | undefined {
    const grant = this.grants.get(key)
    if (!grant || grant.revokedAt !== null || grant.currentHash !== presentedHash) return undefined
    const { idleExpiresAt, absoluteExpiresAt } = grant
    const ended = idleExpiresAt <= this.now || (absoluteExpiresAt !== 0 && absoluteExpiresAt <= this.now)
    return ended ? undefined : grant
  }

  /** A code that waits ends with what it would have become. */
  #endUnspent(key: string): void {
    if (this.codes.get(key)?.consumedAt === null) this.codes.delete(key)
  }
}

/** Whose a key is: derived from it, so that store and model cannot disagree. */
export function ownerOf(key: string): { readonly userId: string; readonly clientId: string } {
  const number = Number(key)
  return { userId: `user-${number % 2}`, clientId: `client-${Math.trunc(number / 2) % 2}` }
}
