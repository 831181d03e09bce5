import type { Parameters } from '../../../protocol/parameters.ts'
import type { Authorization, ClientRecord, DeviceCodeRecord } from '../../../store/records.ts'
import type { Exchange } from '../../exchange.ts'
import { hashHandle, looksLikeHandle } from '../../handles.ts'
import { grantOwner } from '../grant-owner.ts'
import type { GrantType, IssuedToken } from '../grant-type.ts'
import { chooseAudience, narrowScope, scopeForAudience } from '../narrowing.ts'
import { newGrant } from '../new-grant.ts'

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** What each poll that comes too early adds to the interval, in seconds (RFC 8628 §3.5). */
const PENALTY = 5

/**
 * The device's side of RFC 8628 §3.4: it polls until somebody has answered. Only waiting is paced: an answer is given
 * whenever it is asked for.
 *
 * A code that was redeemed and comes again ends what the first redemption gave, as with authorization codes: either the
 * first answer was lost, and nobody has its tokens, or two parties hold the code.
 */
export const deviceCode: GrantType = {
  name: DEVICE_CODE,

  async redeem(exchange, client, form) {
    const { flow, deps } = exchange
    const record = await findCode(exchange, form)
    flow.check('device_code_client_mismatch', record.clientId === client.clientId, () => ({
      received: client.clientId,
    }))
    // Security: not before, or the flow in the refusal would tell a stranger that the code is genuine.
    flow.id = record.authorization?.flowId ?? record.flowId
    if (record.consumedAt !== null) return refuseReplay(exchange, record)
    flow.check('device_denied', record.answeredAt === null || record.authorization !== null)
    flow.check('device_code_expired', record.expiresAt > deps.clock.now(), () => ({
      received: `issued ${deps.clock.now() - record.issuedAt} s ago`,
      expected: `at most ${record.expiresAt - record.issuedAt} s`,
    }))
    const { authorization } = record
    if (authorization === null) return refuseForNow(exchange, record)
    const granted = narrowScope(exchange, form, authorization.scope)
    const audience = chooseAudience(exchange, form, authorization.resources)
    return {
      authorization,
      grantId: record.grantId,
      user: await grantOwner(exchange, client, authorization),
      scope: scopeForAudience(exchange, granted, audience),
      audience,
      nonce: null,
      commit: (issued) => commit(exchange, client, record, authorization, issued),
    }
  },
}

async function findCode({ deps, workspace, flow }: Exchange, form: Parameters): Promise<DeviceCodeRecord> {
  const code = form.get('device_code')
  if (code === undefined) return flow.refuse('device_code_missing')
  const record = looksLikeHandle(code)
    ? await deps.store.deviceCodes.find(workspace.id, hashHandle(code))
    : undefined
  return record ?? flow.refuse('device_code_unknown', { received: `${code.length} characters` })
}

/** Nobody has answered yet: `authorization_pending`, or `slow_down` where the device asks too often. */
async function refuseForNow(
  { deps, workspace, flow }: Exchange,
  { codeHash, interval }: DeviceCodeRecord,
): Promise<never> {
  const inTime = await deps.store.deviceCodes.poll(workspace.id, codeHash, deps.clock.now(), PENALTY)
  if (inTime) return flow.refuse('device_code_pending')
  return flow.refuse('device_code_polled_early', { expected: `at most every ${interval + PENALTY} s` })
}

async function commit(
  exchange: Exchange,
  client: ClientRecord,
  record: DeviceCodeRecord,
  authorization: Authorization,
  issued: IssuedToken,
): Promise<{ refreshToken: string | undefined }> {
  const { deps, workspace } = exchange
  const { records, refreshToken } = newGrant(
    exchange,
    client,
    { grantId: record.grantId, authorization },
    issued,
  )
  const now = deps.clock.now()
  const redeemed = await deps.store.deviceCodes.redeem(workspace.id, record.codeHash, now, records)
  if (!redeemed) return refuseReplay(exchange, record)
  return { refreshToken }
}

async function refuseReplay(
  { deps, workspace, flow }: Exchange,
  { grantId }: DeviceCodeRecord,
): Promise<never> {
  await deps.store.grants.revoke(workspace.id, grantId, deps.clock.now(), 'device_code_replayed')
  return flow.refuse('device_code_replayed')
}
