import { fromAccessToken } from '../../sql/access-tokens.ts'
import { toGrant } from '../../sql/grants.ts'
import { toFamily } from '../../sql/refresh-tokens.ts'
import type { RefreshFamilyRow } from '../../sql/schema.ts'
import type { RefreshTokenStore } from '../../store.ts'
import type { PostgresEngine } from '../engine.ts'
import { TOKEN } from './columns.ts'
import { insertFrom, valuesOf } from './insert.ts'
import { settle } from './settle.ts'

/** Only the current token of a family that lives, of a grant that lives. */
const LIVING = `workspace_id = $1 and family_hash = $2 and current_hash = $3 and revoked_at is null
  and idle_expires_at > $4 and (absolute_expires_at = 0 or absolute_expires_at > $4)
  and exists (select 1 from grants where grants.workspace_id = refresh_families.workspace_id
    and grants.grant_id = refresh_families.grant_id and grants.revoked_at is null)`

const ROTATE = `update refresh_families set idle_expires_at = $5, generation = generation + 1,
  previous_hash = current_hash, current_hash = $7, successor_sealed = $8, rotated_at = $4 where ${LIVING}`

const SLIDE = `update refresh_families set idle_expires_at = $5 where ${LIVING}`

/** Whoever changes the family keeps its grant alive and stores the access token; $6 is how long the grant lives. */
const moved = (update: string, tokenAt: number | undefined) => `
  with moved as (${update} returning workspace_id, grant_id),
  kept as (
    update grants set expires_at = $6 from moved
    where grants.workspace_id = moved.workspace_id and grants.grant_id = moved.grant_id
      and grants.expires_at < $6
  )
  ${tokenAt === undefined ? '' : `, token as (${insertFrom('access_tokens', TOKEN, 'moved', tokenAt)})`}
  select 1 from moved`

const ROTATED = { alone: moved(ROTATE, undefined), withToken: moved(ROTATE, 9) }
const SLID = { alone: moved(SLIDE, undefined), withToken: moved(SLIDE, 7) }

const FIND = `select f.*, g."authorization" as grant_authorization, g.created_at as grant_created_at,
    g.expires_at as grant_expires_at, g.revoked_at as grant_revoked_at, g.revoked_reason as grant_revoked_reason
  from refresh_families f join grants g on g.workspace_id = f.workspace_id and g.grant_id = f.grant_id
  where f.workspace_id = $1 and f.family_hash = $2`

const IS_CURRENT =
  'select 1 from refresh_families where workspace_id = $1 and family_hash = $2 and current_hash = $3'

interface FoundRow extends RefreshFamilyRow {
  readonly grant_authorization: string
  readonly grant_created_at: number
  readonly grant_expires_at: number
  readonly grant_revoked_at: number | null
  readonly grant_revoked_reason: string | null
}

export function hotRefreshTokens(engine: PostgresEngine): RefreshTokenStore {
  return {
    async find(workspaceId, familyHash) {
      const { rows } = await engine.run<FoundRow>(FIND, [workspaceId, familyHash], { isRead: true })
      const [row] = rows
      return row && { family: toFamily(row), grant: toGrant(grantOf(row)) }
    },

    async rotate(workspaceId, familyHash, rotation) {
      const { presentedHash, nextHash, successorSealed, at, idleExpiresAt, grantExpiresAt, accessToken } =
        rotation
      const values = [
        ...[workspaceId, familyHash, presentedHash, at, idleExpiresAt, grantExpiresAt],
        ...[nextHash, successorSealed],
        ...(accessToken ? valuesOf(TOKEN, fromAccessToken(accessToken)) : []),
      ]
      const run = async () => {
        const { rowCount } = await engine.run(accessToken ? ROTATED.withToken : ROTATED.alone, values)
        return rowCount === 1
      }
      return settle(run, async () => {
        const { rowCount } = await engine.run(IS_CURRENT, [workspaceId, familyHash, nextHash], {
          isRead: true,
        })
        return rowCount === 1
      })
    },

    async slide(workspaceId, familyHash, presentedHash, at, idleExpiresAt, grantExpiresAt, accessToken) {
      const { rowCount } = await engine.run(accessToken ? SLID.withToken : SLID.alone, [
        ...[workspaceId, familyHash, presentedHash, at, idleExpiresAt, grantExpiresAt],
        ...(accessToken ? valuesOf(TOKEN, fromAccessToken(accessToken)) : []),
      ])
      return rowCount === 1
    },
  }
}

function grantOf(row: FoundRow): Parameters<typeof toGrant>[0] {
  return {
    workspace_id: row.workspace_id,
    grant_id: row.grant_id,
    authorization: row.grant_authorization,
    created_at: row.grant_created_at,
    expires_at: row.grant_expires_at,
    revoked_at: row.grant_revoked_at,
    revoked_reason: row.grant_revoked_reason,
  }
}
