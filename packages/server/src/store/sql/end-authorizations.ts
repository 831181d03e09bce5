/**
 * How codes, grants and tokens end together. The steps run in one transaction, in the order in which these rows come
 * to be: codes first, so that a redemption under way is waited for and its grant then found; then families and grants,
 * so that no token is added any more; then tokens. What hangs on a grant ends before the grant itself: it is found
 * through it. Whoever locks several of these rows keeps this order.
 */
import type { EpochSeconds } from '../../protocol/types.ts'
import type { SqlEngine, Step } from './engine.ts'

/**
 * Whose authorizations end: of a grant, user, client, user with a client, or of a session (those not
 * offline).
 */
export interface Whose {
  readonly workspaceId: string
  readonly grantId?: string
  readonly userId?: string
  readonly clientId?: string
  readonly sid?: string
}

/** A revoked grant stays this long, so that what comes later can still be told why it is refused. */
const REVOKED_GRANT_STAYS = 86_400

/**
 * Marks grants and refresh families revoked; deletes their access tokens, and codes that are not redeemed
 * yet.
 */
export function revokeAuthorizations(
  engine: SqlEngine,
  whose: Whose,
  at: EpochSeconds,
  reason: string,
): readonly Step[] {
  const { db } = engine
  const sweepAt = at + REVOKED_GRANT_STAYS
  const families = db
    .updateTable('refresh_families')
    .set({ revoked_at: at })
    .where('workspace_id', '=', whose.workspaceId)
    .where('family_hash', 'in', ofGrants(engine, whose, 'family_hash'))
    .where('revoked_at', 'is', null)
  const grants = db
    .updateTable('grants')
    .set((eb) => ({
      revoked_at: at,
      revoked_reason: reason,
      expires_at: eb
        .case()
        .when('expires_at', '<', sweepAt)
        .then(eb.ref('expires_at'))
        .else(eb.val(sweepAt))
        .end(),
    }))
    .where((eb) => eb.and(columns(whose)))
    .where('revoked_at', 'is', null)
  return [
    ...deleteCodes(engine, whose),
    { query: families.compile() },
    ...lockGrants(engine, whose),
    deleteTokens(engine, whose),
    { query: grants.compile() },
  ]
}

/** Leaves nothing, for a user or client that is deleted. */
export function deleteAuthorizations(engine: SqlEngine, whose: Whose): readonly Step[] {
  const { db } = engine
  const families = db
    .deleteFrom('refresh_families')
    .where('workspace_id', '=', whose.workspaceId)
    .where('family_hash', 'in', ofGrants(engine, whose, 'family_hash'))
  const grants = db.deleteFrom('grants').where((eb) => eb.and(columns(whose)))
  return [
    ...deleteCodes(engine, whose),
    { query: families.compile() },
    ...lockGrants(engine, whose),
    deleteTokens(engine, whose),
    ...(whose.clientId === undefined ? [] : deleteOwnTokens(engine, whose.workspaceId, whose.clientId)),
    { query: grants.compile() },
  ]
}

/** Whoever stores an access token of these grants meanwhile waits, and sees that they have ended. */
function lockGrants({ db, hasConcurrentWriters }: SqlEngine, whose: Whose): readonly Step[] {
  if (!hasConcurrentWriters) return []
  const grants = db
    .selectFrom('grants')
    .select('grant_id')
    .where((eb) => eb.and(columns(whose)))
    .orderBy('grant_id')
    .forUpdate()
  return [{ query: grants.compile() }]
}

function deleteTokens(engine: SqlEngine, whose: Whose): Step {
  const tokens = engine.db
    .deleteFrom('access_tokens')
    .where('workspace_id', '=', whose.workspaceId)
    .where('grant_id', 'in', ofGrants(engine, whose, 'grant_id'))
  return { query: tokens.compile() }
}

function deleteCodes(engine: SqlEngine, whose: Whose): readonly Step[] {
  const codes = engine.db
    .deleteFrom('authorization_codes')
    .where((eb) => eb.and(columns(whose)))
    .where('consumed_at', 'is', null)
  const deviceCodes = engine.db
    .deleteFrom('device_codes')
    .where((eb) => eb.and(columns(whose)))
    .where('consumed_at', 'is', null)
  return [codes, deviceCodes].map((query) => ({ query: query.compile() }))
}

/** A client's own access tokens (client_credentials) hang on no grant. */
function deleteOwnTokens({ db }: SqlEngine, workspaceId: string, clientId: string): readonly Step[] {
  const tokens = db
    .deleteFrom('access_tokens')
    .where('workspace_id', '=', workspaceId)
    .where('client_id', '=', clientId)
    .where('grant_id', 'is', null)
  return [{ query: tokens.compile() }]
}

function ofGrants<Column extends 'grant_id' | 'family_hash'>(
  { db }: SqlEngine,
  whose: Whose,
  column: Column,
) {
  return db
    .selectFrom('grants')
    .select(column)
    .where((eb) => eb.and(columns(whose)))
}

/** Codes and grants keep the same columns to be found by. */
function columns({ workspaceId, grantId, userId, clientId, sid }: Whose) {
  return {
    workspace_id: workspaceId,
    ...(grantId !== undefined && { grant_id: grantId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(clientId !== undefined && { client_id: clientId }),
    ...(sid !== undefined && { ends_with_sid: sid }),
  }
}
