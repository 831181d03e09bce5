import type { AuthorizationCodeRecord } from '../records.ts'
import type { AuthorizationCodeStore, IssuedRecords } from '../store.ts'
import { fromAccessToken } from './access-tokens.ts'
import type { SqlEngine, Step } from './engine.ts'
import { endsWithSid, fromGrant } from './grants.ts'
import { fromFamily } from './refresh-tokens.ts'
import type { AuthorizationCodeRow } from './schema.ts'
import { flag, fromJson, toJson } from './values.ts'

export const codeStore = (engine: SqlEngine): AuthorizationCodeStore => {
  const { db } = engine
  return {
    async insert(code) {
      await db.insertInto('authorization_codes').values(fromCode(code)).execute()
    },

    async find(workspaceId, codeHash) {
      const row = await db
        .selectFrom('authorization_codes')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('code_hash', '=', codeHash)
        .executeTakeFirst()
      return row && toCode(row)
    },

    async redeem(workspaceId, codeHash, at, issued) {
      const spend = db
        .updateTable('authorization_codes')
        .set({ consumed_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('code_hash', '=', codeHash)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', at)
      const rows = await engine.atomically([
        { query: spend.compile(), expectRows: 1 },
        ...insertIssued(engine, issued),
      ])
      return rows !== false
    },
  }
}

/** Stores what came of a redemption, together with what was spent for it. */
export function insertIssued(
  { db }: SqlEngine,
  { grant, refreshFamily, accessToken }: IssuedRecords,
): readonly Step[] {
  const inserts = [
    db.insertInto('grants').values(fromGrant(grant, refreshFamily)),
    ...(refreshFamily ? [db.insertInto('refresh_families').values(fromFamily(refreshFamily))] : []),
    ...(accessToken ? [db.insertInto('access_tokens').values(fromAccessToken(accessToken))] : []),
  ]
  return inserts.map((insert) => ({ query: insert.compile() }))
}

export function toCode(row: AuthorizationCodeRow): AuthorizationCodeRecord {
  return {
    workspaceId: row.workspace_id,
    codeHash: row.code_hash,
    grantId: row.grant_id,
    redirectUri: row.redirect_uri,
    redirectUriSent: row.redirect_uri_sent === 1,
    codeChallenge: row.code_challenge,
    authorization: fromJson(row.authorization),
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    consumedAt: row.consumed_at,
  }
}

export function fromCode(code: AuthorizationCodeRecord): AuthorizationCodeRow {
  const { authorization } = code
  return {
    workspace_id: code.workspaceId,
    code_hash: code.codeHash,
    grant_id: code.grantId,
    redirect_uri: code.redirectUri,
    redirect_uri_sent: flag(code.redirectUriSent),
    code_challenge: code.codeChallenge,
    authorization: toJson(authorization),
    issued_at: code.issuedAt,
    expires_at: code.expiresAt,
    consumed_at: code.consumedAt,
    client_id: authorization.clientId,
    user_id: authorization.userId,
    ends_with_sid: endsWithSid(authorization),
  }
}
