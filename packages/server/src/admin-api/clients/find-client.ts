import { z } from 'zod'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { ClientRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import type { AdminDeps } from '../operation.ts'
import { shortText } from '../text.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'

/** Names one client. Without a workspace it is looked for in all of them. */
export const clientReference = z.strictObject({ workspace: workspaceName, client_id: shortText })

export interface FoundClient {
  readonly workspace: Workspace
  readonly client: ClientRecord
}

/** @throws {AdminError} `client_unknown`, `client_ambiguous` */
export async function getClient(
  deps: AdminDeps,
  { workspace: name, client_id }: z.output<typeof clientReference>,
): Promise<FoundClient> {
  const found: FoundClient[] = []
  for (const workspace of chosenWorkspaces(deps, name)) {
    const client = await deps.store.clients.find(workspace.id, client_id)
    if (client) found.push({ workspace, client })
  }
  const [first, second] = found
  if (first && !second) return first
  if (!first) {
    throw new AdminError('client_unknown', 'There is no such client.', {
      received: client_id,
      fix: 'See the clients there are: pixy client list',
    })
  }
  throw new AdminError('client_ambiguous', `Several workspaces have a client ${client_id}: say which one.`, {
    expected: found.map(({ workspace }) => workspace.id).join(', '),
    fix: 'Add --workspace with one of them.',
  })
}
