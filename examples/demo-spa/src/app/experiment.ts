import type { AuthClient } from '@pixy/browser'
import type { Config } from './config.ts'
import type { Known } from './known.ts'
import type { Problem } from './model.ts'

/** What an experiment may use when it acts by itself. Every request is drawn. */
export interface Tools {
  readonly auth: AuthClient
  readonly config: Config
  known(): Known
  /** A raw request to the token endpoint, past the SDK. */
  tokenRequest(form: Readonly<Record<string, string>>): Promise<Problem | undefined>
  /** A raw request to the demo API with this token. */
  apiRequest(title: string, token: string): Promise<Problem | undefined>
  /** A refresh by the SDK, now. */
  refresh(): Promise<Problem | undefined>
  /** Says in the diagram what was changed. */
  changed(
    title: string,
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
  ): void
}

/** One thing to break: where, how, and why it matters that somebody notices. */
export interface Experiment {
  readonly id: string
  readonly title: string
  /** What is done, as the title of its step. */
  readonly change: string
  readonly lesson: string
  readonly needs: 'nothing' | 'session' | 'refresh token'
  /** What to do instead, where the refusal comes by redirect: the address bar has no room for it. */
  readonly repair?: string
  /** Changes the authorization request. */
  readonly authorize?: (parameters: URLSearchParams, verifier: string) => void
  /** Pixy keeps the browser: it shows a page of its own instead of redirecting. */
  readonly staysAtPixy?: true
  /** Changes the callback's parameters. */
  readonly callback?: (parameters: URLSearchParams) => void
  /** Seconds to wait with a code in hand. */
  readonly wait?: (config: Config) => number
  /** Changes the form that redeems the code. */
  readonly token?: (form: URLSearchParams, config: Config) => void
  /** Acts after a sign-in that went well. */
  readonly after?: (tools: Tools) => Promise<Problem | undefined>
  /** Acts at once, in the current session. */
  readonly act?: (tools: Tools) => Promise<Problem | undefined>
}

export interface ExperimentGroup {
  readonly title: string
  readonly experiments: readonly Experiment[]
}
