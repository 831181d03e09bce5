import { defineOperation } from '../operation.ts'
import { refuseIfFileOwned } from '../ownership.ts'
import { clientReference, getClient } from './find-client.ts'

export const deleteClient = defineOperation({
  name: 'client.delete',
  summary: 'Deletes a client with its secrets and consents, and ends its grants and tokens.',
  writes: true,
  input: clientReference,

  async run(deps, input): Promise<{ readonly client_id: string; readonly workspace: string }> {
    const { workspace, client } = await getClient(deps, input)
    refuseIfFileOwned(workspace, client)
    // What is counted and not stored yet must not turn up again with another client of this id.
    await deps.deviations?.flush()
    await deps.store.clients.delete(workspace.id, client.clientId)
    return { client_id: client.clientId, workspace: workspace.id }
  },
})
