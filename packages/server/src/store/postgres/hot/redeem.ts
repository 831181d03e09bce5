import type { EpochSeconds } from '../../../protocol/types.ts'
import { fromAccessToken } from '../../sql/access-tokens.ts'
import { fromGrant } from '../../sql/grants.ts'
import { fromFamily } from '../../sql/refresh-tokens.ts'
import type { IssuedRecords, StoreUnavailable } from '../../store.ts'
import type { PostgresEngine } from '../engine.ts'
import { FAMILY, GRANT, TOKEN } from './columns.ts'
import { insertFrom, valuesOf } from './insert.ts'
import { settle } from './settle.ts'

type Redeem = (
  workspaceId: string,
  codeHash: string,
  at: EpochSeconds,
  issued: IssuedRecords,
) => Promise<boolean>

/**
 * Spends a code and stores what came of it, in one statement: the update waits for the lock of the row and then looks
 * at it again, so one of many finds it unspent, and the inserts take their rows from that one.
 */
export function redeemFrom(engine: PostgresEngine, table: string, condition: string): Redeem {
  const texts = new Map<string, string>()
  const text = (hasFamily: boolean, hasToken: boolean): string => {
    const key = `${hasFamily} ${hasToken}`
    const known = texts.get(key) ?? redeemText(table, condition, hasFamily, hasToken)
    texts.set(key, known)
    return known
  }

  return async (workspaceId, codeHash, at, issued) => {
    const { grant, refreshFamily, accessToken } = issued
    const values = [
      ...[at, workspaceId, codeHash],
      ...valuesOf(GRANT, fromGrant(grant, refreshFamily)),
      ...(refreshFamily ? valuesOf(FAMILY, fromFamily(refreshFamily)) : []),
      ...(accessToken ? valuesOf(TOKEN, fromAccessToken(accessToken)) : []),
    ]
    const spend = async () => {
      const { rowCount } = await engine.run(
        text(refreshFamily !== undefined, accessToken !== undefined),
        values,
      )
      return rowCount === 1
    }
    return settle(spend, (lost) => isOurs(engine, issued, lost))
  }
}

/** Whether this caller has spent the code: what was stored with it has a hash that nobody else can have. */
async function isOurs(
  engine: PostgresEngine,
  { grant, refreshFamily, accessToken }: IssuedRecords,
  lost: StoreUnavailable,
): Promise<boolean> {
  const { workspaceId } = grant
  const [table, column, hash] = refreshFamily
    ? ['refresh_families', 'family_hash', refreshFamily.familyHash]
    : ['access_tokens', 'token_hash', accessToken?.tokenHash]
  // Nothing tells a redemption without such a row from another of the same code.
  if (hash === undefined) throw lost
  const text = `select 1 from ${table} where workspace_id = $1 and ${column} = $2`
  const { rowCount } = await engine.run(text, [workspaceId, hash], { isRead: true })
  return rowCount === 1
}

function redeemText(table: string, condition: string, hasFamily: boolean, hasToken: boolean): string {
  const familyAt = 4 + Object.keys(GRANT).length
  const tokenAt = familyAt + (hasFamily ? Object.keys(FAMILY).length : 0)
  return `
    with spent as (
      update ${table} set consumed_at = $1
      where workspace_id = $2 and code_hash = $3 and consumed_at is null and expires_at > $1 ${condition}
      returning 1
    ),
    granted as (${insertFrom('grants', GRANT, 'spent', 4)})
    ${hasFamily ? `, family as (${insertFrom('refresh_families', FAMILY, 'spent', familyAt)})` : ''}
    ${hasToken ? `, token as (${insertFrom('access_tokens', TOKEN, 'spent', tokenAt)})` : ''}
    select 1 from spent`
}
