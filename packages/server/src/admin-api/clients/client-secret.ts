import { HANDLE_LENGTH, hashHandle, newId } from '../../core/handles.ts'
import type { Random } from '../../core/ports.ts'
import { type RegistrationMetadata, tokenEndpointAuthMethod } from '../../protocol/client-metadata.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientSecretRecord } from '../../store/records.ts'

export interface NewSecret {
  /** Shown once: only its hash is kept. Letters and digits, so that every encoding of it is the same. */
  readonly value: string
  readonly record: ClientSecretRecord
}

/** `expiresAt` 0: does not expire. */
export function newSecret(random: Random, now: EpochSeconds, expiresAt: EpochSeconds = 0): NewSecret {
  const value = random.alphanumeric(HANDLE_LENGTH)
  return {
    value,
    record: { secretId: newId(random, 'sec'), secretHash: hashHandle(value), createdAt: now, expiresAt },
  }
}

/** Whether a client proves itself by a secret of ours (RFC 6749 §2.3.1). */
export function needsSecret(metadata: RegistrationMetadata): boolean {
  return /^client_secret_(?:basic|post)$/.test(tokenEndpointAuthMethod(metadata))
}
