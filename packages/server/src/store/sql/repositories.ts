import type { Store } from '../store.ts'
import { accessTokenStore } from './access-tokens.ts'
import { clientStore } from './clients.ts'
import { codeStore } from './codes.ts'
import { configurationVersion } from './configuration-version.ts'
import { consentStore } from './consents.ts'
import { deviationStore } from './deviations.ts'
import { deviceCodeStore } from './device-codes.ts'
import type { SqlEngine } from './engine.ts'
import { flowEventStore } from './flow-events.ts'
import { grantStore } from './grants.ts'
import { interactionStore } from './interactions.ts'
import { linkedIdentityStore } from './linked-identities.ts'
import { onceOnlyStore } from './once-only.ts'
import { pushedRequestStore } from './pushed-requests.ts'
import { refreshTokenStore } from './refresh-tokens.ts'
import { sessionStore } from './sessions.ts'
import { signingKeyStore } from './signing-keys.ts'
import { sweep } from './sweep.ts'
import { tenantStore } from './tenants.ts'
import { throttleStore } from './throttles.ts'
import { userStore } from './users.ts'
import { workspaceStore } from './workspaces.ts'

/** A store but for what only the engine can do. */
export type Repositories = Omit<Store, 'migrate' | 'pendingMigrations' | 'ping' | 'backup' | 'close'>

/** Everything in SQL that every engine understands. An engine may put faster ones in place of some. */
export const repositories = (engine: SqlEngine): Repositories => ({
  tenants: tenantStore(engine),
  workspaces: workspaceStore(engine),
  clients: clientStore(engine),
  users: userStore(engine),
  linkedIdentities: linkedIdentityStore(engine),
  sessions: sessionStore(engine),
  interactions: interactionStore(engine),
  pushedRequests: pushedRequestStore(engine),
  consents: consentStore(engine),
  codes: codeStore(engine),
  deviceCodes: deviceCodeStore(engine),
  grants: grantStore(engine),
  refreshTokens: refreshTokenStore(engine),
  accessTokens: accessTokenStore(engine),
  onceOnly: onceOnlyStore(engine),
  keys: signingKeyStore(engine),
  throttles: throttleStore(engine),
  flowEvents: flowEventStore(engine),
  deviations: deviationStore(engine),
  sweep: (now, limit) => sweep(engine, now, limit),
  configurationVersion: () => configurationVersion(engine),
})
