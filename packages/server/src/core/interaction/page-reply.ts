import { isNative } from '../../protocol/client-metadata.ts'
import { parseAcceptLanguage, parseUiLocales } from '../../protocol/locale.ts'
import { parseParameters } from '../../protocol/parameters.ts'
import { isProblem, type OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { type Exchange, header } from '../exchange.ts'
import { readCookie, writeCookie } from '../sessions/cookies.ts'
import type { ClientDisplay, PageContext, PageName, PageProps } from './pages.ts'

export interface PageOptions {
  readonly status?: number
  readonly cookies?: readonly string[]
  /** A further target of the form's redirects for the CSP: the origin of the client's redirect URI. */
  readonly formAction?: string | undefined
  /** `ui_locales` of the authorization request. */
  readonly uiLocales?: readonly string[]
  readonly flowId?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

const LANGUAGE_LIFE = 31_536_000

/** Renders a hosted page with the headers that every page has (`security.md` §4.6). */
export function pageReply<N extends PageName>(
  exchange: Exchange,
  name: N,
  props: PageProps[N],
  options: PageOptions = {},
): OAuthReply {
  const { workspace, deps, request } = exchange
  const chosen = chosenLanguage(exchange)
  const context: PageContext = {
    locales: [
      ...(chosen ? [chosen] : []),
      ...(options.uiLocales ?? []),
      ...parseUiLocales(readCookie(exchange, 'language')),
      ...parseAcceptLanguage(header(request, 'accept-language')),
    ],
    issuer: workspace.issuer,
    workspaceName: workspace.record.name,
    branding: workspace.settings.branding,
    development: deps.development,
    flowId: options.flowId ?? null,
    selfUrl: selfUrl(exchange),
  }
  const { html, scriptHashes } = deps.pages.render(name, props, context)
  const cookies = [
    ...(options.cookies ?? []),
    ...(chosen ? [writeCookie(workspace, 'language', chosen, LANGUAGE_LIFE)] : []),
  ]
  return {
    status: options.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(scriptHashes, options.formAction),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      ...options.headers,
      ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    },
    body: html,
  }
}

/** What the pages show of a client. */
export function clientDisplay({ clientId, metadata, owner }: ClientRecord): ClientDisplay {
  return {
    clientId,
    name: metadata.client_name ?? clientId,
    logoUri: metadata.logo_uri ?? null,
    clientUri: metadata.client_uri ?? null,
    policyUri: metadata.policy_uri ?? null,
    tosUri: metadata.tos_uri ?? null,
    unverified: owner === 'dynamic',
  }
}

/** Where the browser goes back to, as people read it: a host, or for native programs the scheme. */
export function returnsTo(client: ClientRecord, redirectUri: string): string {
  const url = URL.parse(redirectUri)
  if (url?.host) return url.host
  return isNative(client.metadata) ? redirectUri.slice(0, redirectUri.indexOf(':') + 1) : redirectUri
}

/**
 * Chromium applies `form-action` to the redirects that follow a post too, so it lists where the flow will end.
 */
function contentSecurityPolicy(scriptHashes: readonly string[], formAction: string | undefined): string {
  const scripts = ["'self'", ...scriptHashes].join(' ')
  const actions = formAction === undefined ? "'self'" : `'self' ${formAction}`
  return `default-src 'none'; script-src ${scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action ${actions}; frame-ancestors 'none'`
}

function chosenLanguage({ request, flow }: Exchange): string | undefined {
  if (request.method !== 'GET' || !request.query.includes('ui_locales')) return undefined
  // At the authorization endpoint `ui_locales` is the client's wish, not the user's choice.
  if (flow.kind === 'authorize') return undefined
  const query = parseParameters(request.query)
  return isProblem(query) ? undefined : parseUiLocales(query.get('ui_locales'))[0]
}

/** The page's own URL without the language, for the language links. */
function selfUrl({ request }: Exchange): string {
  const query = request.query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('ui_locales='))
    .join('&')
  return query === '' ? request.path : `${request.path}?${query}`
}
