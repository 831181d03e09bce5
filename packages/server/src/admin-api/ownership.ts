import type { Workspace } from '../core/workspaces/workspace.ts'
import type { ClientRecord } from '../store/records.ts'
import { AdminError } from './admin-error.ts'

/**
 * What the configuration file names is changed there: a change made here would be undone at the next start. `member`
 * is what was to be changed; absent where it is the whole client.
 *
 * @throws {AdminError} `file_owned`
 */
export function refuseIfFileOwned(workspace: Workspace, client: ClientRecord, member?: string): void {
  if (client.owner !== 'file') return
  const { tenantId, id } = workspace.record
  const place = `tenants[${tenantId}].workspaces[${id}].clients[${client.clientId}]${member ? `.${member}` : ''}`
  throw new AdminError(
    'file_owned',
    `The configuration owns the client ${client.clientId}, so it is changed there.`,
    {
      fix: `Edit ${place} in the configuration file, then start the server again. Without a file this is a client of the demo: make one of your own with pixy client create.`,
    },
  )
}
