/** Seconds since 1970-01-01T00:00:00Z, the unit of every time in a token (RFC 7519 §2, NumericDate). */
export type EpochSeconds = number

/** A length of time. */
export type Seconds = number
