import type { AdminDeps } from '../../admin-api/operation.ts'
import type { PixyConfig } from '../../config/schema.ts'
import type { Place } from '../place.ts'

/** `skipped`: it could not be looked at, and that is no fault. */
export type Level = 'ok' | 'warning' | 'error' | 'skipped'

export interface Finding {
  readonly check: string
  readonly level: Level
  readonly message: string
  readonly fix?: string
}

/** What the checks look at. */
export interface Patient {
  readonly place: Place
  /** The configuration file with the environment, where it can be used. */
  readonly config: PixyConfig | undefined
  /** The database with the master secret, where both can be opened. */
  readonly deps: AdminDeps | undefined
  /** What the server that runs here calls its issuers; `undefined` where none runs. */
  readonly runningIssuers: readonly string[] | undefined
  readonly now: number
}

export type Check = (patient: Patient) => Promise<readonly Finding[]>

/** The findings of one check under its name. */
export function findings(check: string) {
  return {
    ok: (message: string): Finding => ({ check, level: 'ok', message }),
    skipped: (message: string): Finding => ({ check, level: 'skipped', message }),
    warning: (message: string, fix: string): Finding => ({ check, level: 'warning', message, fix }),
    error: (message: string, fix: string): Finding => ({ check, level: 'error', message, fix }),
  }
}
