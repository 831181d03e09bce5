import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { readAll } from '../pages.ts'
import { listLimit } from '../text.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'
import { type ClientView, clientView } from './client-view.ts'

export const listClients = defineOperation({
  name: 'client.list',
  summary: 'Lists clients in the order of their ids.',
  writes: false,
  input: z.strictObject({ workspace: workspaceName, limit: listLimit }),

  async run(deps, { workspace: name, limit }): Promise<{ readonly clients: readonly ClientView[] }> {
    const clients: ClientView[] = []
    for (const workspace of chosenWorkspaces(deps, name)) {
      const records = await readAll(
        limit - clients.length,
        (page) => deps.store.clients.list(workspace.id, page),
        ({ clientId }) => clientId,
      )
      clients.push(...records.map((record) => clientView(workspace, record)))
    }
    return { clients }
  },
})
