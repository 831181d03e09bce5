import { z } from 'zod'
import { newId } from '../../core/handles.ts'
import type { ClientRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import { defineOperation } from '../operation.ts'
import { shortText } from '../text.ts'
import { getWorkspace, workspaceName } from '../workspaces.ts'
import { checkClient } from './check-client.ts'
import { needsSecret, newSecret } from './client-secret.ts'
import { clientTypes, typeDefaults } from './client-types.ts'
import { type ClientView, clientView } from './client-view.ts'
import { givenMembers, layOver } from './members.ts'

export interface CreatedClient {
  readonly client: ClientView
  /** `false`: it was there already, and nothing was changed. */
  readonly created: boolean
  /** Of a new confidential client; never shown again. */
  readonly client_secret?: string
}

export const createClient = defineOperation({
  name: 'client.create',
  summary: 'Registers a client.',
  writes: true,
  input: z.strictObject({
    workspace: workspaceName,
    type: z.enum(clientTypes),
    client_id: shortText.optional(),
    metadata: givenMembers.default({}),
    /** Succeeds without a change where the id is taken. */
    if_missing: z.boolean().default(false),
  }),

  async run(deps, input): Promise<CreatedClient> {
    const workspace = getWorkspace(deps, input.workspace)
    const clientId = input.client_id ?? newId(deps.random, 'app')
    const metadata = layOver({ ...typeDefaults[input.type], client_id: clientId }, input.metadata)
    checkClient(workspace, metadata, Object.keys(input.metadata))
    const now = deps.clock.now()
    const secret = needsSecret(metadata) ? newSecret(deps.random, now) : undefined
    const record: ClientRecord = {
      workspaceId: workspace.id,
      clientId,
      metadata,
      secrets: secret ? [secret.record] : [],
      owner: 'local',
      createdAt: now,
      updatedAt: now,
      disabled: false,
    }
    if (await deps.store.clients.insert(record)) {
      const client = clientView(workspace, record)
      return { client, created: true, ...(secret ? { client_secret: secret.value } : {}) }
    }
    const existing = await deps.store.clients.find(workspace.id, clientId)
    if (existing && input.if_missing) return { client: clientView(workspace, existing), created: false }
    throw new AdminError('client_taken', `There is a client ${clientId} already.`, {
      received: clientId,
      fix: 'Choose another id, or pass --if-missing to leave it as it is.',
    })
  },
})
