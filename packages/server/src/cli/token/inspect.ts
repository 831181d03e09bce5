import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { TokenView } from '../../admin-api/tokens/inspect.ts'
import { decodeJwtUnverified, type JwtClaims, type JwtHeader } from '../../protocol/jwt.ts'
import { isProblem } from '../../protocol/types.ts'
import { errorBody } from '../errors.ts'
import { Failure } from '../failure.ts'
import { discover } from '../login/discovery.ts'
import { Http } from '../login/http.ts'
import { checkAudience, checkClaims, checkScope, type Expectations, type TokenCheck } from './check.ts'

export interface Inspection {
  readonly format: 'jwt' | 'opaque'
  readonly header: JwtHeader | null
  readonly claims: JwtClaims | null
  /** Whether an API with these expectations would take it. */
  readonly accepted: boolean
  readonly checks: readonly TokenCheck[]
  /** What the issuer knows, where it could be asked. */
  readonly server: TokenView | null
}

export interface InspectOptions extends Expectations {
  /** Where the keys come from; default: the token's own issuer. */
  readonly issuer?: string | undefined
  readonly now: number
  /** Asks the installation at hand; `undefined` where there is none. */
  ask(token: string): Promise<TokenView | undefined>
}

/** Takes a token apart and says what an API would say. */
export async function inspect(token: string, options: InspectOptions): Promise<Inspection> {
  const decoded = decodeJwtUnverified(token)
  const server = await options.ask(token)
  if (isProblem(decoded)) return inspectOpaque(token, options, server)
  const { header, claims } = decoded
  const checks = [
    ...(await checkSignature(token, header, claims, options, server)),
    ...checkClaims(header, claims, options, options.now, server),
  ]
  return { format: 'jwt', header, claims, ...verdict(checks), server: server ?? null }
}

function inspectOpaque(token: string, options: InspectOptions, server: TokenView | undefined): Inspection {
  const opaque = { format: 'opaque', header: null, claims: null, server: server ?? null } as const
  if (token.startsWith('pixy_rt_')) {
    const fix = 'Send the member access_token of the token response.'
    return {
      ...opaque,
      ...verdict([
        { check: 'typ', ok: false, message: 'this is a refresh token: it is for the token endpoint', fix },
      ]),
    }
  }
  if (server?.state === 'live') {
    return {
      ...opaque,
      ...verdict([
        { check: 'state', ok: true, message: 'opaque, and alive; an API asks the introspection endpoint' },
        checkAudience(server.audience, options.aud),
        checkScope(server.scope ?? [], options.scope, server),
      ]),
    }
  }
  return { ...opaque, ...verdict([stateCheck(server)]) }
}

function stateCheck(server: TokenView | undefined): TokenCheck {
  const check = 'state'
  if (!server) {
    const fix =
      'Run this where the server keeps its data (--data, --config), or ask its introspection endpoint.'
    return { check, ok: false, message: 'not a JWT, and no server is at hand that could know it', fix }
  }
  const message = {
    live: 'alive',
    signed: 'signed here',
    token_expired: 'expired',
    token_revoked: 'revoked',
    token_invalid: 'not a token of this server: it may be cut, or of another server',
  }[server.state]
  return { check, ok: server.state === 'live', message }
}

async function checkSignature(
  token: string,
  header: JwtHeader,
  claims: JwtClaims,
  options: InspectOptions,
  server: TokenView | undefined,
): Promise<readonly TokenCheck[]> {
  const check = 'signature'
  const key = `${header.alg ?? 'no alg'} ${header.kid ?? 'no kid'}`
  if (server && server.state !== 'token_invalid') {
    const signed: TokenCheck = { check, ok: true, message: `${key} of ${server.issuer ?? 'this server'}` }
    if (server.state !== 'token_revoked') return [signed]
    const message =
      'revoked: the server refuses it. An API that looks at the signature alone takes it until it expires'
    return [signed, { check: 'state', ok: false, message, fix: 'Sign in again.' }]
  }
  const issuer = options.issuer ?? (typeof claims.iss === 'string' ? claims.iss : undefined)
  if (issuer === undefined)
    return [{ check, ok: false, message: 'there is no issuer to ask for keys', fix: 'Pass --issuer URL.' }]
  try {
    await verifyWith(token, await keysOf(issuer))
    return [{ check, ok: true, message: `${key} of ${issuer}` }]
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      const fix = 'Send the token unchanged. A key that the issuer no longer publishes verifies nothing.'
      return [
        {
          check,
          ok: false,
          message: `${key} does not verify with the keys of ${issuer}: ${error.message}`,
          fix,
        },
      ]
    }
    if (!(error instanceof Failure)) throw error
    const { message, fix } = errorBody(error)
    return [
      {
        check,
        ok: false,
        message: `the keys of ${issuer} cannot be read: ${message}`,
        ...(fix ? { fix } : {}),
      },
    ]
  }
}

async function keysOf(issuer: string): Promise<JSONWebKeySet> {
  const http = new Http()
  const { jwksUri } = await discover(http, issuer)
  const { value } = await http.json('keys', jwksUri)
  return { keys: Array.isArray(value.keys) ? value.keys : [] }
}

/** The signature alone: times and claims have checks of their own. */
async function verifyWith(token: string, keys: JSONWebKeySet): Promise<void> {
  try {
    await jwtVerify(token, createLocalJWKSet(keys))
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) return
    throw error
  }
}

function verdict(checks: readonly TokenCheck[]): Pick<Inspection, 'accepted' | 'checks'> {
  return { accepted: checks.every(({ ok }) => ok !== false), checks }
}
