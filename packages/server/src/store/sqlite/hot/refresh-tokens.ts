import { fromAccessToken } from '../../sql/access-tokens.ts'
import { toGrant } from '../../sql/grants.ts'
import { toFamily } from '../../sql/refresh-tokens.ts'
import type { RefreshFamilyRow } from '../../sql/schema.ts'
import type { RefreshTokenStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'
import { prepareInsertToken } from './access-tokens.ts'
import { prepareFindGrant } from './grants.ts'
import { prepareInsert } from './insert.ts'

/** Only the current token of a family that lives, of a grant that lives. */
const LIVING = `workspace_id = ? and family_hash = ? and current_hash = ? and revoked_at is null
  and idle_expires_at > ? and (absolute_expires_at = 0 or absolute_expires_at > ?)
  and exists (select 1 from grants where grants.workspace_id = refresh_families.workspace_id
    and grants.grant_id = refresh_families.grant_id and grants.revoked_at is null)`

export function hotRefreshTokens(engine: SqliteEngine): RefreshTokenStore {
  const find = engine.prepare<RefreshFamilyRow>(
    'select * from refresh_families where workspace_id = ? and family_hash = ?',
  )
  const findGrant = prepareFindGrant(engine)
  const rotate = engine.prepare(`update refresh_families set generation = generation + 1,
    previous_hash = current_hash, current_hash = ?, successor_sealed = ?, rotated_at = ?, idle_expires_at = ?
    where ${LIVING}`)
  const slide = engine.prepare(`update refresh_families set idle_expires_at = ? where ${LIVING}`)
  const keepGrant = engine.prepare(`update grants set expires_at = ? where workspace_id = ? and grant_id =
    (select grant_id from refresh_families where workspace_id = ? and family_hash = ?) and expires_at < ?`)
  const insertToken = prepareInsertToken(engine)

  return {
    find: (workspaceId, familyHash) =>
      engine.read(() => {
        const familyRow = find.get(workspaceId, familyHash)
        const grantRow = familyRow && findGrant.get(workspaceId, familyRow.grant_id)
        return grantRow && { family: toFamily(familyRow), grant: toGrant(grantRow) }
      }),

    rotate(workspaceId, familyHash, rotation) {
      const { presentedHash, nextHash, successorSealed, at, idleExpiresAt, grantExpiresAt, accessToken } =
        rotation
      return engine.writes.statements(() => {
        const rows = rotate.run(
          ...[nextHash, successorSealed, at, idleExpiresAt],
          ...[workspaceId, familyHash, presentedHash, at, at],
        )
        if (rows !== 1) return false
        keepGrant.run(grantExpiresAt, workspaceId, workspaceId, familyHash, grantExpiresAt)
        if (accessToken) insertToken(fromAccessToken(accessToken))
        return true
      })
    },

    slide(workspaceId, familyHash, presentedHash, at, idleExpiresAt, grantExpiresAt, accessToken) {
      return engine.writes.statements(() => {
        if (slide.run(idleExpiresAt, workspaceId, familyHash, presentedHash, at, at) !== 1) return false
        keepGrant.run(grantExpiresAt, workspaceId, workspaceId, familyHash, grantExpiresAt)
        if (accessToken) insertToken(fromAccessToken(accessToken))
        return true
      })
    },
  }
}

export function prepareInsertFamily(engine: SqliteEngine): (family: RefreshFamilyRow) => number {
  return prepareInsert<RefreshFamilyRow>(engine, 'refresh_families', [
    'workspace_id',
    'family_hash',
    'grant_id',
    'client_id',
    'generation',
    'current_hash',
    'previous_hash',
    'rotated_at',
    'successor_sealed',
    'created_at',
    'idle_expires_at',
    'absolute_expires_at',
    'revoked_at',
  ])
}
