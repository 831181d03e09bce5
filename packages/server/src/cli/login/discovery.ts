import { Failure } from '../failure.ts'
import { type Http, type JsonRecord, requestLine, textOf } from './http.ts'

/** What a client needs to know of an issuer (OIDC Discovery §3, RFC 8414 §2). */
export interface IssuerMetadata {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly userinfoEndpoint: string | undefined
  readonly deviceAuthorizationEndpoint: string | undefined
  /** Whether responses carry `iss` (RFC 9207 §3). */
  readonly sendsIss: boolean
  readonly algs: readonly string[]
}

/** Reads the discovery document and holds it to OIDC Discovery §4.3: the issuer in it is the one that was asked. */
export async function discover(http: Http, issuer: string): Promise<IssuerMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { status, value } = await http.json('discovery', url)
  const request = requestLine(http.sent.at(-1))
  if (status !== 200) {
    throw new Failure('issuer_unknown', 'There is no issuer at this address.', {
      request,
      fix: 'Check --issuer: pixy tenant list shows the issuers of a server.',
    })
  }
  if (value.issuer !== issuer) {
    throw new Failure('issuer_mismatch', 'The discovery document names another issuer.', {
      request,
      received: textOf(value, 'issuer'),
      expected: issuer,
      fix: 'Use exactly the name it has for itself (localhost is not 127.0.0.1, and a slash at the end counts), or correct url in its configuration.',
    })
  }
  const need = (name: string) => textOf(value, name) ?? missing(name, request)
  return {
    issuer,
    authorizationEndpoint: need('authorization_endpoint'),
    tokenEndpoint: need('token_endpoint'),
    jwksUri: need('jwks_uri'),
    userinfoEndpoint: textOf(value, 'userinfo_endpoint'),
    deviceAuthorizationEndpoint: textOf(value, 'device_authorization_endpoint'),
    sendsIss: value.authorization_response_iss_parameter_supported === true,
    algs: algorithms(value),
  }
}

function missing(name: string, request: string | undefined): never {
  throw new Failure('metadata_incomplete', `The discovery document has no ${name}.`, { request })
}

/** `none` and shared secrets are no signatures of an issuer. */
function algorithms({ id_token_signing_alg_values_supported: algs }: JsonRecord): readonly string[] {
  const named = Array.isArray(algs) ? algs.map(String) : ['RS256']
  return named.filter((alg) => alg !== 'none' && !alg.startsWith('HS'))
}
