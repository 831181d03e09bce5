import type { FederationProgress } from '../federation/progress.ts'

/** How far an interaction has come. Plain JSON: it is stored; `advance` compares the text. */
export interface Progress {
  /** Hash of the transaction cookie of the browser that took up a posted request; null where the record names it. */
  readonly browser: string | null
  /** The session chosen or made in this interaction. */
  readonly sid: string | null
  /** The user proved who they are within this interaction. */
  readonly authenticated: boolean
  /** An account was picked on the select-account page. */
  readonly selected: boolean
  /** "Use another account" was picked: sign-in comes next. */
  readonly signInAsOther: boolean
  /** Scopes that the user allowed on the consent page; null until then. */
  readonly consented: readonly string[] | null
  /** Absent in what an earlier version stored. */
  readonly federation?: FederationProgress | null
}

export const NO_PROGRESS: Progress = {
  browser: null,
  sid: null,
  authenticated: false,
  selected: false,
  signInAsOther: false,
  consented: null,
  federation: null,
}
