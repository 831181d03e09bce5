/** Failures under one key: `free` of them cost nothing, then each doubles the wait, up to `longest` seconds. */
export interface FailureLimit {
  readonly free: number
  /** The count starts again when this many seconds have passed since the last failure. */
  readonly window: number
  readonly longest: number
}

/** Wrong client credentials, by client and address. */
export const clientLimit: FailureLimit = { free: 50, window: 600, longest: 60 }

/** Wrong passwords for one account from browsers that never signed in to it. */
export const accountLimit: FailureLimit = { free: 10, window: 86_400, longest: 900 }

/** Wrong passwords for one account from one browser that did: a bucket of its own, so that no stranger can fill it. */
export const knownDeviceLimit: FailureLimit = { free: 10, window: 3600, longest: 900 }

/** Wrong passwords from one address, whatever the account. */
export const addressLimit: FailureLimit = { free: 50, window: 3600, longest: 900 }

/** Wrong verifiers for one code, where a dialect allows such as can be guessed. */
export const verifierLimit: FailureLimit = { free: 10, window: 3600, longest: 900 }

/** New accounts from one address. */
export const signUpLimit: FailureLimit = { free: 20, window: 3600, longest: 3600 }

/** Wrong user codes of devices from one network. */
export const userCodeLimit: FailureLimit = { free: 10, window: 3600, longest: 900 }

/** The same from one browser. */
export const userCodeBrowserLimit: FailureLimit = { free: 5, window: 3600, longest: 900 }

/** The same from one account, wherever it is signed in. */
export const userCodeAccountLimit: FailureLimit = { free: 10, window: 3600, longest: 900 }

/**
 * The same from one network, of people who are signed in: where people make their own accounts, one has as many as they
 * like. High, so that neighbours are not in each other's way.
 */
export const userCodeSignedInLimit: FailureLimit = { free: 100, window: 3600, longest: 900 }

/** Wrong user codes from everywhere: past that somebody searches. Blocks nobody by itself. */
export const userCodesUnderAttack: FailureLimit = { free: 100, window: 600, longest: 600 }
