import { fromAccessToken } from '../../sql/access-tokens.ts'
import { fromCode, toCode } from '../../sql/codes.ts'
import { fromGrant } from '../../sql/grants.ts'
import { fromFamily } from '../../sql/refresh-tokens.ts'
import type { AuthorizationCodeRow } from '../../sql/schema.ts'
import type { AuthorizationCodeStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'
import { prepareInsertToken } from './access-tokens.ts'
import { prepareInsertGrant } from './grants.ts'
import { prepareInsert } from './insert.ts'
import { prepareInsertFamily } from './refresh-tokens.ts'

export function hotCodes(engine: SqliteEngine): AuthorizationCodeStore {
  const find = engine.prepare<AuthorizationCodeRow>(
    'select * from authorization_codes where workspace_id = ? and code_hash = ?',
  )
  const spend = engine.prepare(`update authorization_codes set consumed_at = ?
    where workspace_id = ? and code_hash = ? and consumed_at is null and expires_at > ?`)
  const insertCode = prepareInsertCode(engine)
  const insertGrant = prepareInsertGrant(engine)
  const insertFamily = prepareInsertFamily(engine)
  const insertToken = prepareInsertToken(engine)

  return {
    async insert(code) {
      const row = fromCode(code)
      await engine.writes.statement(() => insertCode(row))
    },

    find: (workspaceId, codeHash) =>
      engine.read(() => {
        const row = find.get(workspaceId, codeHash)
        return row && toCode(row)
      }),

    redeem(workspaceId, codeHash, at, { grant, refreshFamily, accessToken }) {
      const grantRow = fromGrant(grant, refreshFamily)
      return engine.writes.statements(() => {
        if (spend.run(at, workspaceId, codeHash, at) !== 1) return false
        insertGrant(grantRow)
        if (refreshFamily) insertFamily(fromFamily(refreshFamily))
        if (accessToken) insertToken(fromAccessToken(accessToken))
        return true
      })
    },
  }
}

export function prepareInsertCode(engine: SqliteEngine): (code: AuthorizationCodeRow) => number {
  return prepareInsert<AuthorizationCodeRow>(engine, 'authorization_codes', [
    'workspace_id',
    'code_hash',
    'grant_id',
    'redirect_uri',
    'redirect_uri_sent',
    'code_challenge',
    'authorization',
    'issued_at',
    'expires_at',
    'consumed_at',
    'client_id',
    'user_id',
    'ends_with_sid',
  ])
}
