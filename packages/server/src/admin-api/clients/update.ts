import { z } from 'zod'
import { type ClientMetadata, isPublicClient } from '../../protocol/client-metadata.ts'
import type { ClientRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import { defineOperation } from '../operation.ts'
import { refuseIfFileOwned } from '../ownership.ts'
import { checkClient } from './check-client.ts'
import { needsSecret, newSecret } from './client-secret.ts'
import { type ClientView, clientView } from './client-view.ts'
import { clientReference, getClient } from './find-client.ts'
import { givenMembers, layOver } from './members.ts'

export interface UpdatedClient {
  readonly client: ClientView
  /** Of a client that became confidential; never shown again. */
  readonly client_secret?: string
}

const LISTS = [
  'redirect_uris',
  'post_logout_redirect_uris',
  'web_origins',
  'grant_types',
  'dialects',
] as const
const lists = z.strictObject(
  Object.fromEntries(
    LISTS.map((name) => [name, z.array(z.string().min(1).max(2048)).max(100).optional()]),
  ) as Record<(typeof LISTS)[number], z.ZodOptional<z.ZodArray<z.ZodString>>>,
)
type Lists = z.output<typeof lists>

export const updateClient = defineOperation({
  name: 'client.update',
  summary: 'Changes a client: replaces members, adds to lists and takes from them, enables or disables it.',
  writes: true,
  input: clientReference.extend({
    set: givenMembers.default({}),
    add: lists.default({}),
    remove: lists.default({}),
    enabled: z.boolean().optional(),
  }),

  async run(deps, input): Promise<UpdatedClient> {
    const { workspace, client } = await getClient(deps, input)
    const changes = Object.keys({ ...input.set, ...input.add, ...input.remove })
    // Taking a client out of service is for the moment it is needed, unless the file says `enabled` itself.
    const [member] = client.metadata.enabled === undefined ? changes : [...changes, 'enabled']
    if (member) refuseIfFileOwned(workspace, client, member)
    const metadata = withLists(layOver(client.metadata, input.set), input.add, input.remove)
    if (changes.length > 0) checkClient(workspace, metadata, changes)
    const now = deps.clock.now()
    const secret =
      needsSecret(metadata) && client.secrets.length === 0 ? newSecret(deps.random, now) : undefined
    const changed: ClientRecord = {
      ...client,
      metadata,
      // A public client has no secret to present, so none stays behind that would work again later.
      secrets: isPublicClient(metadata) ? [] : secret ? [secret.record] : client.secrets,
      updatedAt: now,
      disabled: input.enabled === undefined ? client.disabled : !input.enabled,
    }
    await deps.store.clients.update(changed)
    return { client: clientView(workspace, changed), ...(secret ? { client_secret: secret.value } : {}) }
  },
})

function withLists(metadata: ClientMetadata, add: Lists, remove: Lists): ClientMetadata {
  const changes: Partial<Record<(typeof LISTS)[number], readonly string[]>> = {}
  for (const name of LISTS) {
    const added = add[name] ?? []
    const removed = remove[name] ?? []
    if (added.length === 0 && removed.length === 0) continue
    const before: readonly string[] = metadata[name] ?? []
    const missing = removed.find((value) => !before.includes(value))
    if (missing !== undefined) {
      throw new AdminError('client_member_missing', `${name} of the client does not hold this value.`, {
        received: missing,
        expected: before.join(', '),
      })
    }
    changes[name] = [...new Set([...before, ...added])].filter((value) => !removed.includes(value))
  }
  // `checkClient` looks at what comes out before it is stored.
  return { ...metadata, ...changes } as ClientMetadata
}
