import { hash, timingSafeEqual } from 'node:crypto'
import type { Parameters } from '../../../protocol/parameters.ts'
import { describeVerifier, isCodeVerifier } from '../../../protocol/pkce.ts'
import type { AuthorizationCodeRecord, ClientRecord } from '../../../store/records.ts'
import type { Exchange } from '../../exchange.ts'
import { shown } from '../../form.ts'
import { hashHandle, looksLikeHandle } from '../../handles.ts'
import { grantOwner } from '../grant-owner.ts'
import type { GrantType, IssuedToken } from '../grant-type.ts'
import { chooseAudience, narrowScope, scopeForAudience } from '../narrowing.ts'
import { newGrant } from '../new-grant.ts'

/**
 * `authorization_code` with PKCE (RFC 6749 §4.1.3, RFC 7636 §4.6). The checks run before the code is spent: a request
 * that fails one does not burn the owner's code.
 */
export const authorizationCode: GrantType = {
  name: 'authorization_code',

  async redeem(exchange, client, form) {
    const { flow, deps } = exchange
    const record = await findCode(exchange, form)
    const { authorization } = record
    flow.check('code_client_mismatch', authorization.clientId === client.clientId, () => ({
      received: client.clientId,
    }))
    // Security: not before, or the flow in the refusal would tell a stranger that the code is genuine.
    flow.id = authorization.flowId
    checkRedirectUri(exchange, form, record)
    checkVerifier(exchange, form, record)
    const granted = narrowScope(exchange, form, authorization.scope)
    const audience = chooseAudience(exchange, form, authorization.resources)
    // Last, so that a late replay still ends the grant.
    if (record.consumedAt !== null) return refuseReplay(exchange, record)
    flow.check('code_expired', record.expiresAt > deps.clock.now(), () => ({
      received: `issued ${deps.clock.now() - record.issuedAt} s ago`,
      expected: `at most ${record.expiresAt - record.issuedAt} s`,
    }))
    const user = await grantOwner(exchange, client, authorization)
    const scope = scopeForAudience(exchange, granted, audience)
    return {
      authorization,
      grantId: record.grantId,
      user,
      scope,
      audience,
      nonce: authorization.nonce,
      commit: (issued) => commit(exchange, client, record, issued),
    }
  },
}

async function findCode(
  { deps, workspace, flow }: Exchange,
  form: Parameters,
): Promise<AuthorizationCodeRecord> {
  const code = form.get('code')
  if (code === undefined) {
    const old = form.has('authorization_code')
    return flow.refuse(
      'code_missing',
      old ? { received: 'authorization_code', expected: 'code', fix: 'The parameter is called code.' } : {},
    )
  }
  const record = looksLikeHandle(code)
    ? await deps.store.codes.find(workspace.id, hashHandle(code))
    : undefined
  return record ?? flow.refuse('code_unknown', { received: `${code.length} characters` })
}

/**
 * Required where the authorization request named one (RFC 6749 §4.1.3). With a challenge it may be left out
 * (OAuth 2.1 §10.2): the verifier binds the code. Where it is sent, it must be the same.
 */
function checkRedirectUri({ flow }: Exchange, form: Parameters, record: AuthorizationCodeRecord): void {
  const sent = form.get('redirect_uri')
  if (sent === undefined) {
    const optional = record.codeChallenge !== null || !record.redirectUriSent
    flow.check('token_redirect_uri_missing', optional, () => ({ expected: record.redirectUri }))
    return
  }
  flow.check('token_redirect_uri_mismatch', sent === record.redirectUri, () => ({
    received: shown(sent, 300),
    expected: record.redirectUri,
  }))
}

function checkVerifier(
  { flow }: Exchange,
  form: Parameters,
  { codeChallenge }: AuthorizationCodeRecord,
): void {
  const sent = form.get('code_verifier')
  if (codeChallenge === null) {
    // Security: RFC 9700 §4.8.2, an attacker who took the challenge away must not get through.
    flow.check('code_verifier_unexpected', sent === undefined)
    return
  }
  const verifier = sent ?? refuseWithoutVerifier(flow, form)
  flow.check('code_verifier_malformed', isCodeVerifier(verifier), () => describeVerifier(verifier))
  const challenge = hash('sha256', verifier, 'base64url')
  const matches = timingSafeEqual(Buffer.from(challenge), Buffer.from(codeChallenge))
  flow.check('code_verifier_mismatch', matches, () => ({
    received: `S256 of the verifier is ${challenge.slice(0, 8)}…`,
    expected: `${codeChallenge.slice(0, 8)}…`,
  }))
}

function refuseWithoutVerifier(flow: Exchange['flow'], form: Parameters): never {
  const sentChallenge = form.has('code_challenge')
  return flow.refuse(
    'code_verifier_missing',
    sentChallenge ? { received: 'code_challenge', expected: 'code_verifier' } : {},
  )
}

async function commit(
  exchange: Exchange,
  client: ClientRecord,
  code: AuthorizationCodeRecord,
  issued: IssuedToken,
): Promise<{ refreshToken: string | undefined }> {
  const { deps, workspace } = exchange
  const { records, refreshToken } = newGrant(exchange, client, code, issued)
  const redeemed = await deps.store.codes.redeem(workspace.id, code.codeHash, deps.clock.now(), records)
  if (!redeemed) return refuseReplay(exchange, code)
  return { refreshToken }
}

/** Whoever presents a spent code again, it may have leaked: all that came of it ends (RFC 6749 §4.1.2). */
async function refuseReplay(
  { deps, workspace, flow }: Exchange,
  code: AuthorizationCodeRecord,
): Promise<never> {
  await deps.store.grants.revoke(workspace.id, code.grantId, deps.clock.now(), 'code_replayed')
  return flow.refuse('code_replayed')
}
