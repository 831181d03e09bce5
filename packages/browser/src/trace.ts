import type { AuthError } from './errors.ts'

/** One step of a flow. Holds real verifiers, codes and tokens: show it, never send it anywhere. */
export type TraceDetail =
  | { readonly step: 'discovery'; readonly url: string; readonly metadata: object }
  | { readonly step: 'verifier_created'; readonly verifier: string }
  | { readonly step: 'challenge_derived'; readonly verifier: string; readonly challenge: string }
  | { readonly step: 'authorization_request'; readonly url: string }
  | { readonly step: 'authorization_response'; readonly url: string }
  | {
      readonly step: 'check'
      /** `state`, `iss`, or `id_token.` and the member or rule. */
      readonly name: string
      readonly received: unknown
      readonly expected: unknown
      readonly passed: boolean
    }
  | { readonly step: 'token_request'; readonly url: string; readonly form: Readonly<Record<string, string>> }
  | {
      readonly step: 'token_response'
      readonly status: number
      readonly body: unknown
      readonly milliseconds: number
    }
  | { readonly step: 'network_retry'; readonly url: string }
  | { readonly step: 'jwks'; readonly url: string; readonly keys: readonly object[] }
  | { readonly step: 'signed_in'; readonly user: object | undefined; readonly scopes: readonly string[] }
  /** Another tab, or another call in this one, had renewed the token already. */
  | { readonly step: 'refresh_shared' }
  | {
      readonly step: 'api_request'
      readonly method: string
      readonly url: string
      readonly accessToken: string
    }
  | {
      readonly step: 'api_response'
      readonly status: number
      readonly url: string
      readonly wwwAuthenticate: string | undefined
      readonly milliseconds: number
    }
  | {
      readonly step: 'revocation'
      readonly url: string
      readonly tokenTypeHint: string
      readonly status: number
    }
  | { readonly step: 'logout_request'; readonly url: string }
  | { readonly step: 'signed_out'; readonly error: AuthError | undefined }

export type TraceEvent = TraceDetail & {
  /** Milliseconds since 1970. */
  readonly at: number
}

export type TraceListener = (event: TraceEvent) => void

export type Trace = (detail: TraceDetail) => void
