import { authorizationReasons } from './reasons/authorization.ts'
import { clientReasons } from './reasons/clients.ts'
import { deviceReasons } from './reasons/device.ts'
import { issuedTokenReasons } from './reasons/issued-tokens.ts'
import type { ReasonEntry } from './reasons/reason-entry.ts'
import { requestReasons } from './reasons/requests.ts'
import { serverReasons } from './reasons/server.ts'
import { signInReasons } from './reasons/sign-in.ts'
import { tokenReasons } from './reasons/token.ts'
import { tokenExchangeReasons } from './reasons/token-exchange.ts'

/** The catalogue: `noun_what`, stable; a reason is never given another meaning. */
export const reasons = {
  ...requestReasons,
  ...clientReasons,
  ...authorizationReasons,
  ...signInReasons,
  ...tokenReasons,
  ...deviceReasons,
  ...tokenExchangeReasons,
  ...issuedTokenReasons,
  ...serverReasons,
} as const satisfies Record<string, ReasonEntry>

export type Reason = keyof typeof reasons

export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text)
}

/** The entry in its general shape. */
export function reasonEntry(reason: Reason): ReasonEntry {
  return reasons[reason]
}
