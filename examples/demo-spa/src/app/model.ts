/** What is drawn, as plain data: it outlives the redirect in sessionStorage. */

export type Lane = 'app' | 'pixy' | 'api'

/** `changed`: where an experiment laid its hand on. */
export type Tone = 'plain' | 'good' | 'bad' | 'changed'

export interface Field {
  readonly name: string
  readonly value: string
  readonly note?: string | undefined
}

export interface Check {
  readonly name: string
  readonly passed: boolean
  readonly received: string
  readonly expected: string
}

/** An error answer, of a server or of the client. */
export interface Problem {
  readonly code: string
  readonly description: string
  readonly reason?: string | undefined
  readonly received?: string | undefined
  readonly expected?: string | undefined
  readonly fix?: string | undefined
  readonly docUrl?: string | undefined
  readonly flowId?: string | undefined
}

export type Section =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fields'; readonly label: string; readonly fields: readonly Field[] }
  | { readonly kind: 'json'; readonly label: string; readonly value: unknown }
  | { readonly kind: 'token'; readonly label: string; readonly token: string }
  | { readonly kind: 'checks'; readonly label: string; readonly checks: readonly Check[] }
  | { readonly kind: 'problem'; readonly problem: Problem }

export interface Step {
  readonly from: Lane
  /** The same lane: something that happens inside it. */
  readonly to: Lane
  /** A word or two on the arrow. */
  readonly label: string
  readonly title: string
  /** A value worth seeing at once. */
  readonly value?: string | undefined
  readonly tone: Tone
  /** The sentence that teaches, with its section. */
  readonly lesson?: string | undefined
  readonly sections: readonly Section[]
}

export type Outcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly text: string }
  /** An experiment that went as it should. */
  | { readonly kind: 'refused'; readonly text: string; readonly problem?: Problem | undefined }
  | { readonly kind: 'failed'; readonly text: string; readonly problem?: Problem | undefined }

export interface Run {
  readonly id: string
  readonly title: string
  readonly experiment?: string | undefined
  readonly at: number
  readonly steps: readonly Step[]
  readonly outcome: Outcome
}
