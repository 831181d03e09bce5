import { facts, printable, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { duration } from '../terminal/time.ts'
import type { SentRequest } from './http.ts'
import type { LoginRequest, LoginResult } from './login.ts'
import type { VerifiedToken } from './verify.ts'

/** What `--json` prints: always with the tokens, since whoever asks for JSON wants to use them. */
export function loginJson(request: LoginRequest, result: LoginResult, sent: readonly SentRequest[]) {
  const decoded = (token: VerifiedToken | undefined) =>
    token ? { header: token.header, claims: token.claims, verified_with: token.kid } : null
  return {
    issuer: request.issuer,
    client_id: request.clientId,
    requests: sent,
    token_type: result.tokenType,
    expires_in: result.expiresIn ?? null,
    scope: result.scope ?? null,
    access_token: decoded(result.accessToken),
    id_token: decoded(result.idToken),
    tokens: result.tokens,
  }
}

/** For people: each request, then each token, then what to do with it. */
export function loginText(
  terminal: Terminal,
  request: LoginRequest,
  result: LoginResult,
  sent: readonly SentRequest[],
  showTokens: boolean,
): string {
  const { bold } = terminal.colors
  const { access_token, refresh_token, id_token } = result.tokens
  const raw = (token: string) => (showTokens ? `${token}\n` : '')
  return [
    requestTable(terminal, sent),
    '\n',
    `${bold('access token')}  ${describe(terminal, result.accessToken, lifetime(result.expiresIn), result.tokenType)}\n`,
    raw(access_token),
    claims(terminal, result.accessToken),
    id_token ? `${bold('ID token')}  ${describe(terminal, result.idToken, '', 'JWT')}\n` : '',
    id_token ? raw(id_token) : '',
    claims(terminal, result.idToken),
    refresh_token ? `${bold('refresh token')}  opaque\n${raw(refresh_token)}` : '',
    facts(terminal, [['scope', result.scope && printable(result.scope)]], ''),
    '\n',
    tryIt(request, result, showTokens),
  ].join('')
}

function requestTable(terminal: Terminal, sent: readonly SentRequest[]): string {
  const rows = sent.map(({ step, method, url, status, milliseconds }) => [
    step,
    method,
    url,
    String(status),
    `${milliseconds} ms`,
  ])
  return table(terminal, ['STEP', 'METHOD', 'URL', 'STATUS', 'TIME'], rows)
}

function describe(
  { colors }: Terminal,
  token: VerifiedToken | undefined,
  life: string,
  type: string,
): string {
  const { dim, green } = colors
  if (!token)
    return [type, 'opaque: only the server can read it', life].filter((text) => text !== '').join(' · ')
  const { typ, alg } = token.header
  const words = [typ, alg, life].filter((text) => typeof text === 'string' && text !== '').join(' · ')
  return `${dim(printable(words))}  ${green('✔')} verified with ${printable(token.kid)}`
}

function lifetime(seconds: number | undefined): string {
  return seconds === undefined ? '' : `lives ${duration(seconds)}`
}

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at'])

/** Claims a line each; times for people beside the number. */
function claims(terminal: Terminal, token: VerifiedToken | undefined): string {
  if (!token) return ''
  const now = Math.floor(Date.now() / 1000)
  const rows = Object.entries(token.claims).map(([name, value]): readonly [string, string] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const when =
      TIMES.has(name) && typeof value === 'number' ? `  ${terminal.colors.dim(ago(value, now))}` : ''
    return [printable(name), `${printable(text)}${when}`]
  })
  return facts(terminal, rows)
}

function ago(at: number, now: number): string {
  return at > now ? `in ${duration(at - now)}` : `${duration(now - at)} ago`
}

function tryIt({ resource }: LoginRequest, { metadata, tokens }: LoginResult, showTokens: boolean): string {
  const target = resource ?? metadata.userinfoEndpoint
  if (target === undefined) return ''
  const token = showTokens ? tokens.access_token : '$TOKEN'
  const how = showTokens ? '' : '  TOKEN=$(pixy login --json | jq -r .tokens.access_token)\n'
  return `Try it:\n${how}  curl -H "Authorization: Bearer ${token}" ${target}\n`
}
