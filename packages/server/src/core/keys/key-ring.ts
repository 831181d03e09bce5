import { createPrivateKey, createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'
import type { Store } from '../../store/store.ts'
import type { Clock, Random, Vault } from '../ports.ts'
import { privateKeyContext } from './sealing.ts'

/** A key that signs, ready for use. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly privateKey: KeyObject
}

interface LoadedKey {
  readonly record: SigningKeyRecord
  readonly publicKey: KeyObject
  privateKey: KeyObject | undefined
}

export interface KeyRingOptions {
  readonly store: Store
  readonly vault: Vault
  readonly clock: Clock
  readonly random: Random
  readonly workspaceId: string
}

/**
 * The signing keys of one workspace. Times decide, not states: a key signs from its `activateAt` until a younger one of
 * the same algorithm does, and is published from its making until its `withdrawAt`. So every node moves on at the same
 * second without being told.
 */
export class KeyRing {
  readonly #options: KeyRingOptions
  readonly #keys: readonly LoadedKey[]
  readonly #signers = new Map<
    SigningAlgorithm,
    { key: SigningKey; from: EpochSeconds; until: EpochSeconds }
  >()

  private constructor(options: KeyRingOptions, keys: readonly LoadedKey[]) {
    this.#options = options
    this.#keys = keys
  }

  static async load(options: KeyRingOptions): Promise<KeyRing> {
    const records = await options.store.keys.list(options.workspaceId)
    const keys = records.map((record) => ({
      record,
      publicKey: createPublicKey({ key: record.publicJwk as JsonWebKeyInput['key'], format: 'jwk' }),
      privateKey: undefined,
    }))
    return new KeyRing(options, keys)
  }

  records(): readonly SigningKeyRecord[] {
    return this.#keys.map((key) => key.record)
  }

  /** The key that signs now. @throws where the workspace has no live key of this algorithm */
  signer(alg: SigningAlgorithm): SigningKey {
    const now = this.#options.clock.now()
    const cached = this.#signers.get(alg)
    if (cached && now < cached.until && now >= cached.from) return cached.key
    return this.#chooseSigner(alg, now)
  }

  /** Published keys: `next`, signing and retired ones whose tokens may still live (RFC 7517 §5). */
  published(): readonly SigningKeyRecord[] {
    const now = this.#options.clock.now()
    return this.records().filter(
      (key) => key.state !== 'revoked' && (key.withdrawAt === null || key.withdrawAt > now),
    )
  }

  /**
   * The public key of a token that this workspace signed. With `withdrawn`, also keys that have left the JWKS: an ID
   * token presented as a hint may be older than any live token.
   */
  verifier(
    kid: string,
    withdrawn = false,
  ): { readonly key: KeyObject; readonly alg: SigningAlgorithm } | undefined {
    const now = this.#options.clock.now()
    const found = this.#keys.find((key) => key.record.kid === kid)
    if (!found || found.record.state === 'revoked') return undefined
    if (!withdrawn && found.record.withdrawAt !== null && found.record.withdrawAt <= now) return undefined
    return { key: found.publicKey, alg: found.record.alg }
  }

  #chooseSigner(alg: SigningAlgorithm, now: EpochSeconds): SigningKey {
    let chosen: LoadedKey | undefined
    let soonest: LoadedKey | undefined
    let until = Number.POSITIVE_INFINITY
    for (const key of this.#keys) {
      const { record } = key
      if (record.alg !== alg || record.state === 'revoked' || record.state === 'retired') continue
      if (record.activateAt > now) {
        if (record.activateAt < until) soonest = key
        until = Math.min(until, record.activateAt)
      } else if (!chosen || isYounger(record, chosen.record)) chosen = key
    }
    // The clock was set back to before the first key: it is published all the same, and better than no answer.
    chosen ??= soonest
    if (!chosen) throw new Error(`workspace ${this.#options.workspaceId} has no ${alg} key`)
    chosen.privateKey ??= this.#open(chosen.record)
    const key = { kid: chosen.record.kid, alg, privateKey: chosen.privateKey }
    this.#signers.set(alg, { key, from: Math.min(now, chosen.record.activateAt), until })
    return key
  }

  #open(record: SigningKeyRecord): KeyObject {
    const pem = this.#options.vault.open(
      record.privateSealed,
      privateKeyContext(record.workspaceId, record.kid),
    )
    return createPrivateKey(pem)
  }
}

/** Of two keys made in the same second, the one whose end is planned is the older. */
function isYounger(a: SigningKeyRecord, b: SigningKeyRecord): boolean {
  return a.activateAt > b.activateAt || (a.activateAt === b.activateAt && b.withdrawAt !== null)
}
