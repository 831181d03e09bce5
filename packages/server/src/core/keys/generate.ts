import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'
import type { Random, Vault } from '../ports.ts'
import { privateKeyContext } from './sealing.ts'

const generate = promisify(generateKeyPair)

/** Makes a key for `alg`; the private half leaves this function sealed. */
export async function generateSigningKey(
  { random, vault }: { readonly random: Random; readonly vault: Vault },
  workspaceId: string,
  alg: SigningAlgorithm,
  times: { readonly createdAt: EpochSeconds; readonly activateAt: EpochSeconds },
): Promise<SigningKeyRecord> {
  const { publicKey, privateKey } = await generatePair(alg)
  const kid = `key_${random.alphanumeric(16)}`
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    workspaceId,
    kid,
    alg,
    state: times.activateAt <= times.createdAt ? 'active' : 'next',
    publicJwk: { ...publicKey.export({ format: 'jwk' }) },
    privateSealed: vault.seal(pem, privateKeyContext(workspaceId, kid)),
    createdAt: times.createdAt,
    activateAt: times.activateAt,
    withdrawAt: null,
    deleteAt: null,
  }
}

function generatePair(alg: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (alg) {
    case 'RS256':
    case 'PS256':
      return generate('rsa', { modulusLength: 2048 })
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' })
    case 'EdDSA':
      return generate('ed25519')
  }
}
