import { defineOperation } from '../operation.ts'
import { type ClientView, clientView } from './client-view.ts'
import { countedDeviations } from './deviations.ts'
import { clientReference, getClient } from './find-client.ts'

export interface ShownClient extends ClientView {
  /** How many kinds of deviations are counted: `client.deviations` lists them. */
  readonly deviations: number
}

export const showClient = defineOperation({
  name: 'client.show',
  summary: 'Shows one client with its metadata; secrets are kept as hashes and never shown.',
  writes: false,
  input: clientReference,

  async run(deps, input): Promise<ShownClient> {
    const found = await getClient(deps, input)
    const { length: deviations } = await countedDeviations(deps, found)
    return { ...clientView(found.workspace, found.client), deviations }
  },
})
