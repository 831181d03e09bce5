import type { Parameters } from '../../../protocol/parameters.ts'
import type { ClientRecord, GrantRecord, RefreshFamilyRecord } from '../../../store/records.ts'
import type { Exchange } from '../../exchange.ts'
import {
  nextRefreshToken,
  openSuccessor,
  parseRefreshToken,
  type RefreshTokenParts,
  sealSuccessor,
} from '../../tokens/refresh-token.ts'
import { grantOwner } from '../grant-owner.ts'
import type { GrantType, IssuedToken } from '../grant-type.ts'
import { chooseAudience, narrowScope, scopeForAudience } from '../narrowing.ts'
import { idleEnd, refreshPolicy } from '../refresh-lifetimes.ts'

const AFTERLIFE = 86_400

/** A refresh token as presented, and what the store knows of it. */
interface Presented extends RefreshTokenParts {
  readonly token: string
  readonly family: RefreshFamilyRecord
  readonly grant: GrantRecord
  /** The successor to send again, where this is a retry inside the window. */
  readonly retryOf: string | undefined
}

/**
 * `refresh_token` (RFC 6749 §6, RFC 9700 §4.14.2). Policy `rotate`: a new token each time; the direct predecessor,
 * presented again inside the retry window, gets the same successor again, so that a lost answer or a second tab logs
 * nobody out. Anything older ends the family. Policy `reuse`: the token stays, its idle end slides.
 */
export const refreshToken: GrantType = {
  name: 'refresh_token',

  async redeem(exchange, client, form) {
    const presented = await findPresented(exchange, client, form)
    const { authorization } = presented.grant
    const user = await grantOwner(exchange, client, authorization)
    const granted = narrowScope(exchange, form, authorization.scope)
    const audience = chooseAudience(exchange, form, authorization.resources)
    return {
      authorization,
      grantId: presented.grant.grantId,
      user,
      scope: scopeForAudience(exchange, granted, audience),
      audience,
      nonce: null,
      commit: (issued) => commit(exchange, client, presented, issued),
    }
  },
}

async function findPresented(exchange: Exchange, client: ClientRecord, form: Parameters): Promise<Presented> {
  const { flow, deps, workspace } = exchange
  const token = form.get('refresh_token')
  if (token === undefined) return flow.refuse('refresh_token_missing')
  const parts = parseRefreshToken(token, workspace.secrets.tagKey)
  const found = parts && (await deps.store.refreshTokens.find(workspace.id, parts.familyHash))
  if (!parts || !found)
    return flow.refuse('refresh_token_unknown', { received: `${token.length} characters` })
  const { family, grant } = found
  flow.check('refresh_token_client_mismatch', family.clientId === client.clientId, () => ({
    received: client.clientId,
  }))
  // Security: not before, or the flow in the refusal would tell a stranger that the token is genuine.
  flow.id = grant.authorization.flowId
  flow.check('refresh_token_revoked', family.revokedAt === null && grant.revokedAt === null, () => ({
    received: grant.revokedReason ?? 'revoked',
  }))
  const retryOf = await checkGeneration(exchange, client, token, parts, family)
  checkLife(exchange, family)
  return { token, ...parts, family, grant, retryOf }
}

/** Current, retried, or replayed: the last ends the family. */
async function checkGeneration(
  exchange: Exchange,
  client: ClientRecord,
  token: string,
  { tokenHash }: RefreshTokenParts,
  family: RefreshFamilyRecord,
): Promise<string | undefined> {
  if (family.currentHash === tokenHash) return undefined
  const { deps, flow } = exchange
  const age = deps.clock.now() - (family.rotatedAt ?? 0)
  const { retryWindow } = refreshPolicy(deps, client)
  // 0 turns the window off, also for a retry within the same second.
  const inWindow = family.previousHash === tokenHash && retryWindow > 0 && age <= retryWindow
  if (inWindow && family.successorSealed !== null) {
    flow.decisions.push({
      rule: 'refresh_token_replayed',
      outcome: 'passed',
      received: `a retry after ${age} s`,
    })
    return openSuccessor(family.successorSealed, token)
  }
  await deps.store.grants.revoke(
    exchange.workspace.id,
    family.grantId,
    deps.clock.now(),
    'refresh_token_replayed',
  )
  return flow.refuse('refresh_token_replayed', {
    received:
      family.previousHash === tokenHash
        ? `the one before the current, ${age} s after it was replaced`
        : 'an older one',
    expected: `generation ${family.generation}`,
  })
}

function checkLife({ flow, deps }: Exchange, family: RefreshFamilyRecord): void {
  const now = deps.clock.now()
  const { idleExpiresAt, absoluteExpiresAt } = family
  flow.check('refresh_token_expired', idleExpiresAt > now, () => ({
    received: `unused until ${now - idleExpiresAt} s past its idle lifetime`,
  }))
  flow.check('refresh_token_expired', absoluteExpiresAt === 0 || absoluteExpiresAt > now, () => ({
    received: `${now - absoluteExpiresAt} s past its absolute lifetime`,
  }))
}

async function commit(
  exchange: Exchange,
  client: ClientRecord,
  presented: Presented,
  issued: IssuedToken,
): Promise<{ refreshToken: string | undefined }> {
  const { deps, workspace, flow } = exchange
  const { store, random } = deps
  if (presented.retryOf !== undefined) {
    if (issued.record) await store.accessTokens.insert(issued.record)
    return { refreshToken: presented.retryOf }
  }
  const now = deps.clock.now()
  const policy = refreshPolicy(deps, client)
  const { family, familyHash, tokenHash } = presented
  const idleExpiresAt = idleEnd(now, policy.idle, family.absoluteExpiresAt)
  const grantExpiresAt = Math.max(idleExpiresAt, issued.expiresAt) + AFTERLIFE
  if (policy.policy === 'reuse') {
    const kept = await store.refreshTokens.slide(
      workspace.id,
      familyHash,
      tokenHash,
      now,
      idleExpiresAt,
      grantExpiresAt,
      issued.record,
    )
    flow.check('refresh_token_revoked', kept)
    return { refreshToken: presented.token }
  }
  const next = nextRefreshToken(random, workspace.secrets.tagKey, presented.token)
  const rotated = await store.refreshTokens.rotate(workspace.id, familyHash, {
    presentedHash: tokenHash,
    nextHash: next.tokenHash,
    successorSealed: sealSuccessor(random, next.token, presented.token),
    at: now,
    idleExpiresAt,
    grantExpiresAt,
    accessToken: issued.record,
  })
  return { refreshToken: rotated ? next.token : await successorOfWinner(exchange, client, presented, issued) }
}

/** Another request with the same token was first: this one is its retry, and gets the same successor. */
async function successorOfWinner(
  exchange: Exchange,
  client: ClientRecord,
  presented: Presented,
  issued: IssuedToken,
): Promise<string> {
  const { deps, workspace, flow } = exchange
  const found = await deps.store.refreshTokens.find(workspace.id, presented.familyHash)
  if (!found || found.grant.revokedAt !== null || found.family.revokedAt !== null) {
    return flow.refuse('refresh_token_revoked')
  }
  const successor = await checkGeneration(exchange, client, presented.token, presented, found.family)
  if (successor === undefined) return flow.refuse('refresh_token_expired')
  if (issued.record) await deps.store.accessTokens.insert(issued.record)
  return successor
}
