import { grantTypes, isPublicClient } from '../../protocol/client-metadata.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { requestedResources } from '../authorization/resources.ts'
import { requestedScope } from '../authorization/scope.ts'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import { throttled } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { hashHandle, newHandle, newId } from '../handles.ts'
import { jsonReply } from '../replies.ts'
import { networkOf } from '../throttling/network-of.ts'
import { DEVICE_CODE } from '../token/grant-types/device-code.ts'
import { hashUserCode, newUserCode, showUserCode } from './user-code.ts'

/** Long enough to find a phone and sign in on it; short enough for guessing to be hopeless (RFC 8628 §5.1). */
const LIFE = 600
const INTERVAL = 5

/** Codes that a network has at once of a client without a secret. */
const MOST_UNSPENT = 100

/** The device authorization endpoint (RFC 8628 §3.1, §3.2): codes for the device, and for its person. */
export async function deviceAuthorization(exchange: Exchange): Promise<OAuthReply> {
  const { deps, workspace, flow, request } = exchange
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  flow.check('parameters_in_query', request.query === '')
  const client = await authenticateClient(exchange, form)
  flow.check('grant_type_not_allowed', grantTypes(client.metadata).includes(DEVICE_CODE), () => ({
    expected: DEVICE_CODE,
  }))
  if (isPublicClient(client.metadata)) await checkRoom(exchange, client)
  const now = deps.clock.now()
  const deviceCode = newHandle(deps.random)
  const waiting = {
    workspaceId: workspace.id,
    codeHash: hashHandle(deviceCode),
    grantId: newId(deps.random, 'grant'),
    clientId: client.clientId,
    scope: requestedScope(exchange, client, form.get('scope')),
    resources: requestedResources(exchange, client, form.getAll('resource')),
    network: networkOf(request.remote),
    flowId: flow.id,
    issuedAt: now,
    expiresAt: now + LIFE,
    interval: INTERVAL,
    lastPolledAt: null,
    answeredAt: null,
    authorization: null,
    consumedAt: null,
  }
  let userCode: string
  do userCode = newUserCode(deps.random)
  while (
    !(await deps.store.deviceCodes.insert({ ...waiting, userCodeHash: hashUserCode(workspace, userCode) }))
  )

  const shown = showUserCode(userCode)
  const verificationUri = `${workspace.issuer}/device`
  return jsonReply(200, {
    device_code: deviceCode,
    user_code: shown,
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${shown}`,
    expires_in: LIFE,
    interval: INTERVAL,
  })
}

/**
 * Security: anybody can ask in the name of a public client, and each request is stored. Answered codes count as well,
 * since it takes no account to deny.
 *
 * @throws {Refusal} `device_codes_too_many`
 */
async function checkRoom({ deps, workspace, request }: Exchange, { clientId }: ClientRecord): Promise<void> {
  const now = deps.clock.now()
  const network = networkOf(request.remote)
  const { count, firstEnd } = await deps.store.deviceCodes.countUnspent(workspace.id, clientId, network, now)
  if (count < MOST_UNSPENT) return
  throw throttled('device_codes_too_many', (firstEnd ?? now) - now, { expected: `at most ${MOST_UNSPENT}` })
}
