/** Whole seconds since 1970-01-01T00:00:00Z, the NumericDate of RFC 7519 §2. */
export type EpochSeconds = number

/** A length of time in seconds. */
export type Seconds = number

/** What every endpoint takes: an HTTP request as plain values. Header names are lower case. */
export interface OAuthRequest {
  readonly method: string
  readonly path: string
  /** As it was received, without the leading `?`. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array | undefined
  /** The peer's address after trusted proxies were taken off. */
  readonly remote: string
}

/** What every endpoint returns. */
export interface OAuthReply {
  status: number
  headers: Record<string, string | string[]>
  body: string | Uint8Array
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

/** What a parser returns where the input breaks its rule. The name is stable, for decisions and tests. */
export interface Problem<Name extends string = string> {
  readonly problem: Name
}

/** Tells a parser's refusal from its value. */
export function isProblem<T>(value: T): value is Extract<T, Problem> {
  return typeof value === 'object' && value !== null && 'problem' in value
}
