import { sql } from 'kysely'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { AccessTokenRecord, RefreshFamilyRecord } from '../records.ts'
import type { RefreshTokenStore } from '../store.ts'
import { fromAccessToken } from './access-tokens.ts'
import type { SqlEngine, Step } from './engine.ts'
import { toGrant } from './grants.ts'
import type { RefreshFamilyRow } from './schema.ts'

export const refreshTokenStore = (engine: SqlEngine): RefreshTokenStore => {
  const { db } = engine

  const family = (workspaceId: string, familyHash: string) =>
    db
      .selectFrom('refresh_families')
      .where('workspace_id', '=', workspaceId)
      .where('family_hash', '=', familyHash)

  /** Only the current token of a family that lives, of a grant that lives. */
  const updateLiving = (workspaceId: string, familyHash: string, presentedHash: string, at: EpochSeconds) =>
    db
      .updateTable('refresh_families')
      .where('workspace_id', '=', workspaceId)
      .where('family_hash', '=', familyHash)
      .where('current_hash', '=', presentedHash)
      .where('revoked_at', 'is', null)
      .where('idle_expires_at', '>', at)
      .where((eb) => eb.or([eb('absolute_expires_at', '=', 0), eb('absolute_expires_at', '>', at)]))
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('grants')
            .select(sql`1`.as('one'))
            .whereRef('grants.workspace_id', '=', 'refresh_families.workspace_id')
            .whereRef('grants.grant_id', '=', 'refresh_families.grant_id')
            .where('grants.revoked_at', 'is', null),
        ),
      )

  const keepGrant = (workspaceId: string, familyHash: string, until: EpochSeconds): Step => ({
    query: db
      .updateTable('grants')
      .set({ expires_at: until })
      .where('workspace_id', '=', workspaceId)
      .where('grant_id', '=', family(workspaceId, familyHash).select('grant_id'))
      .where('expires_at', '<', until)
      .compile(),
  })

  const insertToken = (token: AccessTokenRecord | undefined): readonly Step[] =>
    token ? [{ query: db.insertInto('access_tokens').values(fromAccessToken(token)).compile() }] : []

  return {
    async find(workspaceId, familyHash) {
      const familyRow = await family(workspaceId, familyHash).selectAll().executeTakeFirst()
      if (!familyRow) return undefined
      const grantRow = await db
        .selectFrom('grants')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('grant_id', '=', familyRow.grant_id)
        .executeTakeFirst()
      return grantRow && { family: toFamily(familyRow), grant: toGrant(grantRow) }
    },

    async rotate(workspaceId, familyHash, rotation) {
      const { presentedHash, nextHash, successorSealed, at, idleExpiresAt, grantExpiresAt } = rotation
      const rotate = updateLiving(workspaceId, familyHash, presentedHash, at).set((eb) => ({
        generation: eb('generation', '+', 1),
        previous_hash: eb.ref('current_hash'),
        current_hash: nextHash,
        successor_sealed: successorSealed,
        rotated_at: at,
        idle_expires_at: idleExpiresAt,
      }))
      const rows = await engine.atomically([
        { query: rotate.compile(), expectRows: 1 },
        keepGrant(workspaceId, familyHash, grantExpiresAt),
        ...insertToken(rotation.accessToken),
      ])
      return rows !== false
    },

    async slide(workspaceId, familyHash, presentedHash, at, idleExpiresAt, grantExpiresAt, accessToken) {
      const slide = updateLiving(workspaceId, familyHash, presentedHash, at).set({
        idle_expires_at: idleExpiresAt,
      })
      const rows = await engine.atomically([
        { query: slide.compile(), expectRows: 1 },
        keepGrant(workspaceId, familyHash, grantExpiresAt),
        ...insertToken(accessToken),
      ])
      return rows !== false
    },
  }
}

export function toFamily(row: RefreshFamilyRow): RefreshFamilyRecord {
  return {
    workspaceId: row.workspace_id,
    familyHash: row.family_hash,
    grantId: row.grant_id,
    clientId: row.client_id,
    generation: row.generation,
    currentHash: row.current_hash,
    previousHash: row.previous_hash,
    rotatedAt: row.rotated_at,
    successorSealed: row.successor_sealed,
    createdAt: row.created_at,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
    revokedAt: row.revoked_at,
  }
}

export function fromFamily(family: RefreshFamilyRecord): RefreshFamilyRow {
  return {
    workspace_id: family.workspaceId,
    family_hash: family.familyHash,
    grant_id: family.grantId,
    client_id: family.clientId,
    generation: family.generation,
    current_hash: family.currentHash,
    previous_hash: family.previousHash,
    rotated_at: family.rotatedAt,
    successor_sealed: family.successorSealed,
    created_at: family.createdAt,
    idle_expires_at: family.idleExpiresAt,
    absolute_expires_at: family.absoluteExpiresAt,
    revoked_at: family.revokedAt,
  }
}
