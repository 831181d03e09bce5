/** Every path of the product in one table. */
import { authorize } from './core/authorization/authorize.ts'
import { showConfirmDevice, submitConfirmDevice } from './core/device/confirm-page.ts'
import { deviceAuthorization } from './core/device/device-authorization.ts'
import { showDevice, submitDevice } from './core/device/device-page.ts'
import { showDeviceDone } from './core/device/done-page.ts'
import { discovery } from './core/discovery/discovery.ts'
import { endSession, showSignedOut, showSignOut, submitSignOut } from './core/end-session/end-session.ts'
import { federationCallback } from './core/federation/callback.ts'
import { showLinkAccount, submitLinkAccount } from './core/federation/link-account.ts'
import { CALLBACK_PREFIX } from './core/federation/provider.ts'
import { startFederation } from './core/federation/start.ts'
import { showConsent, submitConsent } from './core/interaction/consent.ts'
import { continueInteraction } from './core/interaction/continue.ts'
import { showSelectAccount, submitSelectAccount } from './core/interaction/select-account.ts'
import { showSignIn, submitSignIn } from './core/interaction/sign-in.ts'
import { showSignUp, submitSignUp } from './core/interaction/sign-up.ts'
import { introspect } from './core/introspection/introspect.ts'
import { jwks } from './core/jwks/jwks.ts'
import { push } from './core/pushed-authorization/push.ts'
import { revoke } from './core/revocation/revoke.ts'
import { showScopes } from './core/scopes-page/scopes-page.ts'
import type { Handler, Route } from './core/serve.ts'
import { token } from './core/token/token.ts'
import { userinfo } from './core/userinfo/userinfo.ts'

/** Relative to the issuer (`contract.md` §3). */
export const workspaceRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/oauth2/authorize', page('authorize', { GET: authorize, POST: authorize })],
  ['/oauth2/token', api('token', { POST: token }, 'clients')],
  ['/oauth2/device_authorization', api('device_authorization', { POST: deviceAuthorization }, 'clients')],
  ['/oauth2/par', api('par', { POST: push }, 'clients')],
  ['/oauth2/introspect', api('introspect', { POST: introspect }, 'none')],
  ['/oauth2/revoke', api('revoke', { POST: revoke }, 'clients')],
  ['/oauth2/logout', page('logout', { GET: endSession, POST: endSession })],
  ['/userinfo', api('userinfo', { GET: userinfo, POST: userinfo }, 'clients')],
  ['/.well-known/jwks.json', api('metadata', { GET: jwks }, 'public')],
  ['/.well-known/openid-configuration', api('metadata', { GET: discovery }, 'public')],
  ['/.well-known/oauth-authorization-server', api('metadata', { GET: discovery }, 'public')],
  ['/continue', page('continue', { GET: continueInteraction })],
  ['/sign-in', page('sign_in', { GET: showSignIn, POST: submitSignIn })],
  ['/sign-up', page('sign_up', { GET: showSignUp, POST: submitSignUp })],
  ['/federation/start', page('federation_start', { GET: startFederation })],
  ['/link-account', page('link_account', { GET: showLinkAccount, POST: submitLinkAccount })],
  ['/consent', page('consent', { GET: showConsent, POST: submitConsent })],
  ['/select-account', page('select_account', { GET: showSelectAccount, POST: submitSelectAccount })],
  ['/device', page('device', { GET: showDevice, POST: submitDevice })],
  ['/device-confirm', page('device_confirm', { GET: showConfirmDevice, POST: submitConfirmDevice })],
  ['/device-done', page('device_done', { GET: showDeviceDone })],
  ['/sign-out', page('sign_out', { GET: showSignOut, POST: submitSignOut })],
  ['/scopes', page('scopes', { GET: showScopes })],
  // Only broken interactions end here: whole ones go on where they stand.
  ['/error', page('error', { GET: continueInteraction })],
  ['/signed-out', page('signed_out', { GET: showSignedOut })],
])

/** The same with one more segment behind it. */
export const workspacePrefixes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [CALLBACK_PREFIX, page('federation_callback', { GET: federationCallback })],
])

/**
 * Metadata at the root of the host, with the issuer's path behind it (RFC 8414 §3.1, and the same for OIDC Discovery).
 */
export const rootMetadata: ReadonlyMap<string, Route> = new Map<string, Route>(
  ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'].map((path) => [
    path,
    api('metadata', { GET: discovery }, 'public'),
  ]),
)

function page(kind: string, methods: Readonly<Record<string, Handler>>): Route {
  return { kind, errors: 'page', cors: 'none', methods }
}

function api(kind: string, methods: Readonly<Record<string, Handler>>, cors: Route['cors']): Route {
  return { kind, errors: 'json', cors, methods }
}
