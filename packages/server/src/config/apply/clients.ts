import { hashHandle, newId } from '../../core/handles.ts'
import type { ClientMetadata } from '../../protocol/client-metadata.ts'
import type { ClientRecord, ClientSecretRecord } from '../../store/records.ts'
import type { Store } from '../../store/store.ts'
import type { ClientConfig } from '../schema.ts'
import { type ApplyDeps, type Changes, isSame, plain, type Step } from './changes.ts'

const PAGE = 500

/** The file's clients of one workspace. One of the same id that was made elsewhere becomes the file's. */
export async function applyClients(
  deps: ApplyDeps,
  workspaceId: string,
  clients: readonly ClientConfig[],
  changes: Changes,
): Promise<void> {
  const stored = new Map(
    (await everyClient(deps.store, workspaceId)).map((client) => [client.clientId, client]),
  )
  const named = new Set(clients.map(({ client_id }) => client_id))
  const dropped = [...stored.values()].filter(
    ({ owner, clientId }) => owner === 'file' && !named.has(clientId),
  )
  await changes.make([
    ...clients.flatMap((client) => clientStep(deps, workspaceId, client, stored.get(client.client_id))),
    ...dropped.map(
      ({ clientId }): Step => ({
        action: 'delete',
        kind: 'client',
        id: `${workspaceId}/${clientId}`,
        write: () => deps.store.clients.delete(workspaceId, clientId),
      }),
    ),
  ])
}

export async function everyClient(store: Store, workspaceId: string): Promise<readonly ClientRecord[]> {
  const all: ClientRecord[] = []
  for (let after: string | undefined; ; after = all.at(-1)?.clientId) {
    const page = await store.clients.list(workspaceId, { limit: PAGE, after })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

function clientStep(
  deps: ApplyDeps,
  workspaceId: string,
  client: ClientConfig,
  before: ClientRecord | undefined,
): readonly Step[] {
  const now = deps.clock.now()
  const record: ClientRecord = {
    workspaceId,
    clientId: client.client_id,
    metadata: metadataOf(client),
    secrets: secretsOf(deps, client, before?.secrets ?? []),
    owner: 'file',
    createdAt: before?.createdAt ?? now,
    updatedAt: before?.updatedAt ?? now,
    disabled: isDisabled(client, before),
  }
  const id = `${workspaceId}/${record.clientId}`
  if (!before)
    return [{ action: 'create', kind: 'client', id, write: () => deps.store.clients.insert(record) }]
  if (isSame(sorted(before), sorted(record))) return []
  const changed = { ...record, updatedAt: now }
  return [{ action: 'update', kind: 'client', id, write: () => deps.store.clients.update(changed) }]
}

function metadataOf(client: ClientConfig): ClientMetadata {
  const { client_secrets: _, ...metadata } = client
  return plain(metadata)
}

/** A secret whose hash is stored already keeps its id and age; none is hashed slowly, for they are random. */
function secretsOf(
  { random, clock }: ApplyDeps,
  client: ClientConfig,
  before: readonly ClientSecretRecord[],
): readonly ClientSecretRecord[] {
  const hashes = new Map(
    client.client_secrets.map(({ value, expires_at }) => [hashHandle(value), expires_at]),
  )
  return [...hashes].map(([secretHash, expiresAt]) => {
    const known = before.find((secret) => secret.secretHash === secretHash)
    return {
      secretId: known?.secretId ?? newId(random, 'sec'),
      secretHash,
      createdAt: known?.createdAt ?? clock.now(),
      expiresAt,
    }
  })
}

/** Where the file does not say, a client that was switched off in an emergency stays off. */
function isDisabled(client: ClientConfig, before: ClientRecord | undefined): boolean {
  if (client.enabled !== undefined) return !client.enabled
  return before?.owner === 'file' && before.disabled
}

function sorted(client: ClientRecord): ClientRecord {
  return { ...client, secrets: [...client.secrets].sort((a, b) => (a.secretHash < b.secretHash ? -1 : 1)) }
}
