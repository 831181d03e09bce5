import { sql } from 'kysely'
import type { AccessTokenRecord, Actor } from '../records.ts'
import type { AccessTokenStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { AccessTokenRow } from './schema.ts'
import { fromJson, fromScope, toJson, toScope } from './values.ts'

export const accessTokenStore = ({ db }: SqlEngine): AccessTokenStore => ({
  /** A token whose grant has been revoked meanwhile is not stored: it must not outlive its grant. */
  async insert(token) {
    const row = fromAccessToken(token)
    await sql`
      insert into access_tokens (workspace_id, token_hash, grant_id, client_id, user_id, scope, audience,
        issued_at, expires_at, actor)
      select cast(${row.workspace_id} as text), cast(${row.token_hash} as text),
        cast(${row.grant_id} as text), cast(${row.client_id} as text),
        cast(${row.user_id} as text), cast(${row.scope} as text),
        cast(${row.audience} as text), cast(${row.issued_at} as bigint), cast(${row.expires_at} as bigint),
        cast(${row.actor} as text)
      where not exists (select 1 from grants where workspace_id = ${row.workspace_id}
        and grant_id = ${row.grant_id} and revoked_at is not null)`.execute(db)
  },

  async find(workspaceId, tokenHash) {
    const row = await db
      .selectFrom('access_tokens')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst()
    return row && toAccessToken(row)
  },

  async delete(workspaceId, tokenHash) {
    await db
      .deleteFrom('access_tokens')
      .where('workspace_id', '=', workspaceId)
      .where('token_hash', '=', tokenHash)
      .execute()
  },
})

export function toAccessToken(row: AccessTokenRow): AccessTokenRecord {
  return {
    workspaceId: row.workspace_id,
    tokenHash: row.token_hash,
    grantId: row.grant_id,
    clientId: row.client_id,
    userId: row.user_id,
    scope: fromScope(row.scope),
    audience: row.audience,
    actor: row.actor === null ? null : fromJson<Actor>(row.actor),
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  }
}

export function fromAccessToken(token: AccessTokenRecord): AccessTokenRow {
  return {
    workspace_id: token.workspaceId,
    token_hash: token.tokenHash,
    grant_id: token.grantId,
    client_id: token.clientId,
    user_id: token.userId,
    scope: toScope(token.scope),
    audience: token.audience,
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
    actor: token.actor === null ? null : toJson(token.actor),
  }
}
