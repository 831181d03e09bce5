import { AdminError } from '../admin-error.ts'
import { defineOperation } from '../operation.ts'
import { refuseIfFileOwned } from '../ownership.ts'
import { shortText } from '../text.ts'
import { clientReference, getClient } from './find-client.ts'

export const removeClientSecret = defineOperation({
  name: 'client.remove-secret',
  summary: 'Removes one secret of a client: it stops working at once.',
  writes: true,
  input: clientReference.extend({ secret_id: shortText }),

  async run(deps, input): Promise<{ readonly client_id: string; readonly secret_id: string }> {
    const { workspace, client } = await getClient(deps, input)
    const { clientId } = client
    refuseIfFileOwned(workspace, client, 'client_secrets')
    if (!(await deps.store.clients.removeSecret(workspace.id, clientId, input.secret_id))) {
      throw new AdminError('client_secret_unknown', 'The client has no such secret.', {
        received: input.secret_id,
        expected: client.secrets.map(({ secretId }) => secretId).join(', '),
        fix: `See its secrets: pixy client show ${clientId}`,
      })
    }
    return { client_id: clientId, secret_id: input.secret_id }
  },
})
