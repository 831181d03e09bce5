import type { ClientRecord, IdentitySourceSetting } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { FEDERATED_ACR, isAcrReachable, PASSWORD_ACR } from './acr.ts'
import type { AuthorizationRequest } from './request.ts'

/** A source whose people sign in at another OpenID provider. */
export interface ProviderSource extends IdentitySourceSetting {
  readonly type: 'oidc'
  readonly issuer: string
  readonly client_id: string
}

/** How people may sign in for one request. */
export interface SignInWays {
  /** The source that passwords are tried against. */
  readonly password: string | undefined
  readonly providers: readonly ProviderSource[]
}

type Room = Pick<Exchange, 'workspace'>

/** Identity sources whose accounts may sign in to a client; the workspace's first where it names none. */
export function sourcesOf({ workspace }: Room, client: ClientRecord): readonly string[] {
  const own = client.metadata.identity_sources
  if (own !== undefined && own.length > 0) return own
  return workspace.settings.identity_sources.slice(0, 1).map((source) => source.id)
}

/** The client's first source of our own: a password is tried against one account only. */
export function passwordSource(exchange: Room, client: ClientRecord): string | undefined {
  return settingsOf(exchange, client).find(({ type }) => type !== 'oidc')?.id
}

/**
 * The identity source that new people of a client are added to: the one that its passwords are tried against, where
 * sign-up is open and that source is a pool. Nobody makes an account for themselves in somebody else's.
 */
export function signUpSource(exchange: Room, client: ClientRecord): string | undefined {
  const { settings } = exchange.workspace
  const own = passwordSource(exchange, client)
  const source = settings.identity_sources.find(({ id }) => id === own)
  return settings.sign_up === 'open' && source?.type === 'pool' ? source.id : undefined
}

/** The OpenID providers that a client's people may come from, in the client's order. */
export function providersOf(exchange: Room, client: ClientRecord): readonly ProviderSource[] {
  return settingsOf(exchange, client).filter(isProvider)
}

/** The ways that lead to the authentication context a request insists on. */
export function signInWays(exchange: Room, client: ClientRecord, request: AuthorizationRequest): SignInWays {
  const allows = (acr: string) => isAcrReachable(request.claims, [acr])
  return {
    password: allows(PASSWORD_ACR) ? passwordSource(exchange, client) : undefined,
    providers: allows(FEDERATED_ACR) ? providersOf(exchange, client) : [],
  }
}

/** The authentication contexts that a client's people can reach. */
export function reachableAcrs(exchange: Room, client: ClientRecord): readonly string[] {
  return [
    ...(passwordSource(exchange, client) === undefined ? [] : [PASSWORD_ACR]),
    ...(providersOf(exchange, client).length === 0 ? [] : [FEDERATED_ACR]),
  ]
}

function settingsOf(exchange: Room, client: ClientRecord): readonly IdentitySourceSetting[] {
  const all = exchange.workspace.settings.identity_sources
  return sourcesOf(exchange, client).flatMap((id) => all.find((source) => source.id === id) ?? [])
}

/** What an earlier version stored of such a source lacks the provider. */
function isProvider(source: IdentitySourceSetting): source is ProviderSource {
  return source.type === 'oidc' && source.issuer !== undefined && source.client_id !== undefined
}
