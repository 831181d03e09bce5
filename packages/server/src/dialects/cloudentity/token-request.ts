import type { Exchange } from '../../core/exchange.ts'
import { header } from '../../core/exchange.ts'
import { hashHandle, looksLikeHandle } from '../../core/handles.ts'
import { isPublicClient } from '../../protocol/client-metadata.ts'
import { type Parameters, parseFormBody } from '../../protocol/parameters.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Around } from '../dialect.ts'
import { deviates, speaks } from '../speaks.ts'

const FORM = 'application/x-www-form-urlencoded'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** A request in the standard's words, and what had to be changed for it. */
interface Translation {
  readonly client: ClientRecord
  /** Replaces or, with `undefined`, removes parameters. */
  readonly changes: Readonly<Record<string, string | undefined>>
  readonly deviations: readonly string[]
}

/**
 * Hands a token request on in the standard's words (RFC 6749 §4.1.3, RFC 8693 §2.1). Core then checks it as any other: the
 * client's authentication, PKCE, the code's life. Deviations are counted once the request was good, so that strangers
 * who know a client's id cannot make it look worse than it is.
 */
export const tokenRequest: Around = (next) => async (exchange) => {
  const form = readable(exchange)
  const translation = form && (await translate(exchange, form))
  if (!translation) return next(exchange)
  const reply = await next(withForm(exchange, form, translation.changes))
  for (const deviation of translation.deviations) deviates(exchange, translation.client, deviation)
  return reply
}

/** The form, where nothing about it is wrong; what is, core refuses. */
function readable({ request }: Exchange): Parameters | undefined {
  if (request.body === undefined || request.query !== '') return undefined
  const form = parseFormBody(request.body, header(request, 'content-type'))
  if (isProblem(form) || form.duplicates.some((name) => name !== 'resource')) return undefined
  return form
}

async function translate(exchange: Exchange, form: Parameters): Promise<Translation | undefined> {
  const grantType = form.get('grant_type')
  if (grantType === TOKEN_EXCHANGE) return tokenExchange(exchange, form)
  if (grantType !== undefined && grantType !== 'authorization_code') return undefined
  return form.has('authorization_code') ? misnamedCode(exchange, form) : strayChallenge(exchange, form)
}

/**
 * `authorization_code=…&code_verifier=…`: the code says whose it is. Where grant_type and client_id are sent they must
 * agree with that.
 *
 * Security: public clients alone, which have nothing but PKCE to prove themselves by, and that core checks. Unknown codes
 * and codes of all other clients are not translated, and get the one answer that core gives to `authorization_code`.
 */
async function misnamedCode(
  { deps, workspace }: Exchange,
  form: Parameters,
): Promise<Translation | undefined> {
  const code = form.get('authorization_code') ?? ''
  if (form.has('code') || !looksLikeHandle(code)) return undefined
  const found = await deps.store.codes.find(workspace.id, hashHandle(code))
  // Without a challenge the code alone would be enough, for whoever got hold of it.
  if (!found || found.codeChallenge === null) return undefined
  const client = await workspace.client(found.authorization.clientId)
  if (!speaks(client, 'cloudentity') || !isPublicClient(client.metadata)) return undefined
  const clientId = form.get('client_id')
  if (clientId !== undefined && clientId !== client.clientId) return undefined

  const complete = clientId !== undefined && form.has('grant_type')
  return {
    client,
    changes: {
      ...WITHOUT_CHALLENGE,
      authorization_code: undefined,
      grant_type: 'authorization_code',
      client_id: client.clientId,
      code,
    },
    deviations: [
      'cloudentity_code_parameter',
      ...(complete ? [] : ['cloudentity_client_inferred']),
      ...challengeSent(form),
    ],
  }
}

const WITHOUT_CHALLENGE = { code_challenge: undefined, code_challenge_method: undefined } as const

function challengeSent(form: Parameters): readonly string[] {
  return form.has('code_challenge') ? ['cloudentity_code_challenge_at_token'] : []
}

/** A standard request with a challenge beside the verifier. It is ignored as in core; here it is counted too. */
async function strayChallenge(exchange: Exchange, form: Parameters): Promise<Translation | undefined> {
  if (!form.has('code_challenge') || !form.has('code_verifier')) return undefined
  const client = await namedClient(exchange, form)
  return client && { client, changes: WITHOUT_CHALLENGE, deviations: challengeSent(form) }
}

/** The SDK exchanges access tokens, and does not say so. */
async function tokenExchange(exchange: Exchange, form: Parameters): Promise<Translation | undefined> {
  if (!form.has('subject_token') || form.names().includes('subject_token_type')) return undefined
  const client = await namedClient(exchange, form)
  return (
    client && {
      client,
      changes: { subject_token_type: ACCESS_TOKEN },
      deviations: ['cloudentity_subject_token_type'],
    }
  )
}

async function namedClient({ workspace }: Exchange, form: Parameters): Promise<ClientRecord | undefined> {
  const clientId = form.get('client_id')
  const client =
    clientId !== undefined && clientId.length <= 2048 ? await workspace.client(clientId) : undefined
  return speaks(client, 'cloudentity') ? client : undefined
}

/** The same request with another body. The flow is shared: what core decides is recorded once. */
function withForm(exchange: Exchange, form: Parameters, changes: Translation['changes']): Exchange {
  const { request } = exchange
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form.toObject())) {
    if (Object.hasOwn(changes, name)) continue
    for (const one of typeof value === 'string' ? [value] : value) body.append(name, one)
  }
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) body.append(name, value)
  return {
    ...exchange,
    request: {
      ...request,
      headers: { ...request.headers, 'content-type': FORM },
      body: new TextEncoder().encode(body.toString()),
    },
  }
}
