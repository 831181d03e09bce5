import { describe } from 'vitest'
import type { Store } from '../store.ts'
import { accessTokenContract } from './access-tokens.ts'
import { clientContract } from './clients.ts'
import { codeContract } from './codes.ts'
import { configurationContract } from './configuration.ts'
import { consentContract } from './consents.ts'
import { deviationContract } from './deviations.ts'
import { deviceCodeContract } from './device-codes.ts'
import { durabilityContract } from './durability.ts'
import { flowEventContract } from './flow-events.ts'
import { grantContract } from './grants.ts'
import type { Engine } from './harness.ts'
import { interactionContract } from './interactions.ts'
import { linkedIdentityContract } from './linked-identities.ts'
import { onceOnlyContract } from './once-only.ts'
import { pushedRequestContract } from './pushed-requests.ts'
import { randomOrderContract } from './random-order.ts'
import { refreshTokenContract } from './refresh-tokens.ts'
import { sessionContract } from './sessions.ts'
import { signingKeyContract } from './signing-keys.ts'
import { sweepContract } from './sweep.ts'
import { throttleContract } from './throttles.ts'
import { userContract } from './users.ts'

/**
 * What every engine must do. `open` makes an empty database of its own for each test; `more` are means that
 * not every engine has (a database in memory cannot be opened again).
 */
export function describeStore(
  name: string,
  open: () => Promise<Store>,
  more: Omit<Engine, 'open'> = {},
): void {
  const engine: Engine = { ...more, open }
  describe(`store: ${name}`, () => {
    configurationContract(engine)
    clientContract(engine)
    userContract(engine)
    linkedIdentityContract(engine)
    sessionContract(engine)
    interactionContract(engine)
    pushedRequestContract(engine)
    consentContract(engine)
    codeContract(engine)
    deviceCodeContract(engine)
    grantContract(engine)
    refreshTokenContract(engine)
    accessTokenContract(engine)
    onceOnlyContract(engine)
    signingKeyContract(engine)
    throttleContract(engine)
    flowEventContract(engine)
    deviationContract(engine)
    sweepContract(engine)
    randomOrderContract(engine)
    durabilityContract(engine)
  })
}
