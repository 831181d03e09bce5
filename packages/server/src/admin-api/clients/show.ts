import { defineOperation } from '../operation.ts'
import { type ClientView, clientView } from './client-view.ts'
import { clientReference, getClient } from './find-client.ts'

export const showClient = defineOperation({
  name: 'client.show',
  summary: 'Shows one client with its metadata; secrets are kept as hashes and never shown.',
  writes: false,
  input: clientReference,

  async run(deps, input): Promise<ClientView> {
    const { workspace, client } = await getClient(deps, input)
    return clientView(workspace, client)
  },
})
