import type { ClaimsRequest } from '../../protocol/claims-request.ts'
import type { Display } from '../../protocol/display.ts'
import type { Prompt } from '../../protocol/prompt.ts'
import type { ResponseMode } from '../../protocol/response-mode.ts'
import type { Seconds } from '../../protocol/types.ts'

/** What an authorization response tells beside `code` and `state`: the issuer (RFC 9207), the scope that was granted. */
export type ResponseExtra = 'iss' | 'scope'

/** An authorization request that passed every check (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). Plain JSON: it is stored. */
export interface AuthorizationRequest {
  readonly clientId: string
  readonly redirectUri: string
  /** False where it was left out and the one registered URI stands in. */
  readonly redirectUriSent: boolean
  readonly responseMode: ResponseMode
  /** Returned as it came. */
  readonly state: string | null
  readonly tells: readonly ResponseExtra[]
  readonly scope: readonly string[]
  readonly nonce: string | null
  readonly prompt: readonly Prompt[]
  readonly maxAge: Seconds | null
  readonly loginHint: string | null
  /** The identity source that the client's people sign in by: goes straight there. Not a word of OIDC. */
  readonly idpHint?: string | null
  /** The `sub` of a valid `id_token_hint`, or one asked for by value in `claims`: nobody else will do. */
  readonly requiredSubject: string | null
  readonly acrValues: readonly string[]
  readonly uiLocales: readonly string[]
  readonly display: Display
  readonly claims: ClaimsRequest | null
  readonly resources: readonly string[]
  readonly codeChallenge: string | null
  /** Set where a device asked (RFC 8628): the answer goes to it, and the browser ends at a page of ours. */
  readonly device?: WaitingDevice
}

export interface WaitingDevice {
  readonly codeHash: string
  /** To be compared with what the device shows. */
  readonly userCode: string
}

/** Where an authorization response goes, once that is proven to be the client's own. */
export interface ResponseTarget {
  readonly clientId: string
  readonly redirectUri: string
  readonly redirectUriSent: boolean
  readonly responseMode: ResponseMode
  readonly state: string | null
  readonly tells: readonly ResponseExtra[]
}
