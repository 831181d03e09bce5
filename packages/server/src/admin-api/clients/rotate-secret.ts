import { z } from 'zod'
import { isPublicClient } from '../../protocol/client-metadata.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import { AdminError } from '../admin-error.ts'
import { defineOperation } from '../operation.ts'
import { refuseIfFileOwned } from '../ownership.ts'
import { newSecret } from './client-secret.ts'
import { clientReference, getClient } from './find-client.ts'

export interface RotatedSecret {
  readonly client_id: string
  readonly secret_id: string
  /** Never shown again. */
  readonly client_secret: string
  readonly expires_at: EpochSeconds
  /** Ids of those that go on working beside it. */
  readonly others: readonly string[]
}

export const rotateClientSecret = defineOperation({
  name: 'client.rotate-secret',
  summary: 'Gives a client one more secret. The others go on working until they are removed.',
  writes: true,
  input: clientReference.extend({
    /** Seconds that the new secret lives; absent: until it is removed. */
    expires_in: z.int().min(60).max(315_360_000).optional(),
    /** Removes all others at once: a leaked secret. */
    remove_others: z.boolean().default(false),
  }),

  async run(deps, input): Promise<RotatedSecret> {
    const { workspace, client } = await getClient(deps, input)
    const { clientId } = client
    refuseIfFileOwned(workspace, client, 'client_secrets')
    if (isPublicClient(client.metadata)) {
      throw new AdminError('client_public', 'A public client has no secret: it proves itself by PKCE.', {
        fix: `Make it confidential first: pixy client update ${clientId} --token-endpoint-auth-method client_secret_basic`,
      })
    }
    const now = deps.clock.now()
    const expiresAt = input.expires_in === undefined ? 0 : now + input.expires_in
    const { value, record } = newSecret(deps.random, now, expiresAt)
    if (input.remove_others) await deps.store.clients.update({ ...client, secrets: [record], updatedAt: now })
    else await deps.store.clients.addSecret(workspace.id, clientId, record)
    return {
      client_id: clientId,
      secret_id: record.secretId,
      client_secret: value,
      expires_at: expiresAt,
      others: input.remove_others ? [] : client.secrets.map(({ secretId }) => secretId),
    }
  },
})
