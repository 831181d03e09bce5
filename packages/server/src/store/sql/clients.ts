import { sql } from 'kysely'
import type { ClientRecord, ClientSecretRecord } from '../records.ts'
import type { ClientStore } from '../store.ts'
import { changeConfiguration } from './configuration-version.ts'
import { deleteAuthorizations } from './end-authorizations.ts'
import type { SqlEngine, Step } from './engine.ts'
import type { ClientRow, ClientSecretRow } from './schema.ts'
import { flag, fromJson, toJson } from './values.ts'

export const clientStore = (engine: SqlEngine): ClientStore => {
  const { db } = engine

  async function withSecrets(workspaceId: string, clients: readonly ClientRow[]): Promise<ClientRecord[]> {
    if (clients.length === 0) return []
    const secrets = await db
      .selectFrom('client_secrets')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where(
        'client_id',
        'in',
        clients.map(({ client_id }) => client_id),
      )
      .orderBy('created_at')
      .orderBy('secret_id')
      .execute()
    const byClient = Map.groupBy(secrets, ({ client_id }) => client_id)
    return clients.map((client) => toClient(client, byClient.get(client.client_id) ?? []))
  }

  const insertSecrets = ({ workspaceId, clientId, secrets }: ClientRecord): readonly Step[] =>
    secrets.map((secret) => ({
      query: db
        .insertInto('client_secrets')
        .values(fromSecret(workspaceId, clientId, secret))
        .compile(),
    }))

  const deleteFrom = (
    table: 'clients' | 'client_secrets' | 'client_deviations' | 'consents',
    workspaceId: string,
    clientId: string,
  ) => db.deleteFrom(table).where('workspace_id', '=', workspaceId).where('client_id', '=', clientId)

  return {
    async find(workspaceId, clientId) {
      const row = await db
        .selectFrom('clients')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('client_id', '=', clientId)
        .executeTakeFirst()
      return row && (await withSecrets(workspaceId, [row]))[0]
    },

    async list(workspaceId, { limit, after }) {
      let query = db.selectFrom('clients').selectAll().where('workspace_id', '=', workspaceId)
      if (after !== undefined) query = query.where('client_id', '>', after)
      return withSecrets(workspaceId, await query.orderBy('client_id').limit(limit).execute())
    },

    async insert(client) {
      const query = db
        .insertInto('clients')
        .values(fromClient(client))
        .onConflict((conflict) => conflict.columns(['workspace_id', 'client_id']).doNothing())
      return changeConfiguration(engine, { query: query.compile(), expectRows: 1 }, ...insertSecrets(client))
    },

    async update(client) {
      const { workspace_id, client_id, ...changes } = fromClient(client)
      const query = db
        .updateTable('clients')
        .set(changes)
        .where('workspace_id', '=', workspace_id)
        .where('client_id', '=', client_id)
      return changeConfiguration(
        engine,
        { query: query.compile(), expectRows: 1 },
        { query: deleteFrom('client_secrets', workspace_id, client_id).compile() },
        ...insertSecrets(client),
      )
    },

    async addSecret(workspaceId, clientId, { secretId, secretHash, createdAt, expiresAt }) {
      const query = db
        .insertInto('client_secrets')
        .columns(['workspace_id', 'client_id', 'secret_id', 'secret_hash', 'created_at', 'expires_at'])
        .expression((eb) =>
          eb
            .selectFrom('clients')
            .select([
              'workspace_id',
              'client_id',
              sql<string>`cast(${secretId} as text)`.as('secret_id'),
              sql<string>`cast(${secretHash} as text)`.as('secret_hash'),
              sql<number>`cast(${createdAt} as bigint)`.as('created_at'),
              sql<number>`cast(${expiresAt} as bigint)`.as('expires_at'),
            ])
            .where('workspace_id', '=', workspaceId)
            .where('client_id', '=', clientId),
        )
      const added = await changeConfiguration(engine, { query: query.compile(), expectRows: 1 })
      if (!added) throw new Error('A secret was added to a client that is not there.')
    },

    async removeSecret(workspaceId, clientId, secretId) {
      const query = deleteFrom('client_secrets', workspaceId, clientId).where('secret_id', '=', secretId)
      return changeConfiguration(engine, { query: query.compile(), expectRows: 1 })
    },

    async delete(workspaceId, clientId) {
      return changeConfiguration(
        engine,
        { query: deleteFrom('clients', workspaceId, clientId).compile(), expectRows: 1 },
        { query: deleteFrom('client_secrets', workspaceId, clientId).compile() },
        { query: deleteFrom('client_deviations', workspaceId, clientId).compile() },
        // A client that registers under the same id later must not find consent that was given to another.
        { query: deleteFrom('consents', workspaceId, clientId).compile() },
        ...deleteAuthorizations(engine, { workspaceId, clientId }),
      )
    },
  }
}

function toClient(row: ClientRow, secrets: readonly ClientSecretRow[]): ClientRecord {
  return {
    workspaceId: row.workspace_id,
    clientId: row.client_id,
    metadata: fromJson(row.metadata),
    secrets: secrets.map((secret) => ({
      secretId: secret.secret_id,
      secretHash: secret.secret_hash,
      createdAt: secret.created_at,
      expiresAt: secret.expires_at,
    })),
    owner: row.owner,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    disabled: row.disabled === 1,
  }
}

export function fromClient(client: ClientRecord): ClientRow {
  return {
    workspace_id: client.workspaceId,
    client_id: client.clientId,
    metadata: toJson(client.metadata),
    owner: client.owner,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
    disabled: flag(client.disabled),
  }
}

export function fromSecret(
  workspaceId: string,
  clientId: string,
  secret: ClientSecretRecord,
): ClientSecretRow {
  return {
    workspace_id: workspaceId,
    client_id: clientId,
    secret_id: secret.secretId,
    secret_hash: secret.secretHash,
    created_at: secret.createdAt,
    expires_at: secret.expiresAt,
  }
}
