import { parseAcrValues } from '../../protocol/acr.ts'
import { type ClaimsRequest, parseClaimsRequest } from '../../protocol/claims-request.ts'
import { grantTypes } from '../../protocol/client-metadata.ts'
import { parseDisplay } from '../../protocol/display.ts'
import { parseUiLocales } from '../../protocol/locale.ts'
import { parseMaxAge } from '../../protocol/max-age.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { type Prompt, parsePrompt } from '../../protocol/prompt.ts'
import { parseResponseMode } from '../../protocol/response-mode.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, shown } from '../form.ts'
import { checkPkce } from './pkce.ts'
import type { AuthorizationRequest, ResponseTarget } from './request.ts'
import { requiredUser } from './required-user.ts'
import { requestedResources } from './resources.ts'
import { requestedScope } from './scope.ts'

/**
 * The checks that follow once the redirect target is known, in plain order. Parameters nobody knows are ignored
 * (RFC 6749 §3.1).
 *
 * @throws {Refusal} to be sent to the client by redirect
 */
export function parseAuthorizationRequest(
  exchange: Exchange,
  client: ClientRecord,
  target: ResponseTarget,
  parameters: Parameters,
): AuthorizationRequest {
  const { flow } = exchange
  checkNotRepeated(exchange, parameters)
  flow.check('request_object_unsupported', !parameters.has('request'))
  flow.check('request_uri_unsupported', !parameters.has('request_uri'))
  flow.check('registration_parameter_unsupported', !parameters.has('registration'))
  checkResponseType(exchange, parameters.get('response_type'))
  checkResponseMode(exchange, parameters.get('response_mode'))
  flow.check('authorization_grant_not_registered', grantTypes(client.metadata).includes('authorization_code'))
  const codeChallenge = checkPkce(exchange, client, parameters)
  const scope = requestedScope(exchange, client, parameters.get('scope'))
  const prompt = readPrompt(exchange, parameters.get('prompt'))
  const claims = readClaims(exchange, parameters.get('claims'))
  return {
    ...target,
    scope,
    nonce: parameters.get('nonce') ?? null,
    prompt,
    maxAge: readMaxAge(exchange, client, parameters),
    loginHint: parameters.get('login_hint')?.slice(0, 320) ?? null,
    idpHint: parameters.get('idp_hint')?.slice(0, 63) ?? null,
    requiredSubject: requiredUser(exchange, client, parameters.get('id_token_hint'), claims),
    acrValues: parseAcrValues(parameters.get('acr_values')),
    uiLocales: parseUiLocales(parameters.get('ui_locales')),
    display: readDisplay(exchange, parameters.get('display')),
    claims,
    resources: requestedResources(exchange, client, parameters.getAll('resource')),
    codeChallenge,
  }
}

function checkResponseType({ flow }: Exchange, responseType: string | undefined): void {
  if (responseType === undefined) flow.refuse('response_type_missing')
  flow.check('response_type_unsupported', responseType === 'code', () => ({
    received: shown(responseType),
    expected: 'code',
  }))
}

function checkResponseMode({ flow }: Exchange, responseMode: string | undefined): void {
  flow.check('response_mode_unsupported', !isProblem(parseResponseMode(responseMode)), () => ({
    received: shown(responseMode),
    expected: 'query or form_post',
  }))
}

function readPrompt({ flow }: Exchange, text: string | undefined): readonly Prompt[] {
  const prompt = parsePrompt(text)
  if (!isProblem(prompt)) return prompt
  return flow.refuse('prompt_unsupported', { received: shown(text) })
}

function readMaxAge({ flow }: Exchange, client: ClientRecord, parameters: Parameters): number | null {
  const text = parameters.get('max_age')
  const maxAge = parseMaxAge(text)
  if (isProblem(maxAge)) return flow.refuse('max_age_malformed', { received: shown(text) })
  return maxAge ?? client.metadata.default_max_age ?? null
}

function readDisplay({ flow }: Exchange, text: string | undefined) {
  const display = parseDisplay(text)
  return isProblem(display) ? flow.refuse('display_unsupported', { received: shown(text) }) : display
}

function readClaims({ flow }: Exchange, text: string | undefined): ClaimsRequest | null {
  if (text === undefined) return null
  const claims = parseClaimsRequest(text)
  return isProblem(claims) ? flow.refuse('claims_malformed', { received: claims.problem }) : claims
}
