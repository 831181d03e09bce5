import type { AuthClient } from '@pixy/browser'
import type { Config } from './config.ts'
import type { Experiment, Tools } from './experiment.ts'
import { findExperiment } from './experiments.ts'
import { rememberProfile } from './known.ts'
import type { Problem } from './model.ts'
import { problemFromError } from './problem.ts'
import type { Recorder } from './recorder.ts'
import type { Saboteur } from './saboteur.ts'
import { drawBody } from './tools.ts'

/** Everything a button does. One at a time; each is a run in the diagram. */
export interface Actions {
  signIn(): Promise<void>
  refresh(): Promise<void>
  readNotes(): Promise<readonly string[] | undefined>
  addNote(text: string): Promise<readonly string[] | undefined>
  deleteNotes(): Promise<readonly string[] | undefined>
  userinfo(): Promise<void>
  signOut(): Promise<void>
  run(experiment: Experiment): Promise<void>
  /** On `/callback`: the second half of a sign-in. */
  finishSignIn(): Promise<void>
  /** On any other page: whether the last run ended at Pixy. */
  resume(): void
}

export interface Parts {
  readonly auth: AuthClient
  readonly config: Config
  readonly recorder: Recorder
  readonly saboteur: Saboteur
  readonly tools: Tools
  /** Shows how long an experiment still waits; null when it is over. */
  readonly showWait: (seconds: number | null) => void
}

export function createActions({ auth, config, recorder, saboteur, tools, showWait }: Parts): Actions {
  /** Runs work as a run of its own; the answer is what the diagram ends with. */
  async function perform(title: string, work: () => Promise<string | Problem>): Promise<boolean> {
    recorder.begin(title)
    const result = await work().catch(problemFromError)
    const failed = typeof result !== 'string'
    recorder.end(
      failed ? { kind: 'failed', text: result.description, problem: result } : { kind: 'done', text: result },
    )
    return !failed
  }

  async function leave(go: () => Promise<void>): Promise<void> {
    await go().catch((error: unknown) => {
      const problem = problemFromError(error)
      recorder.end({ kind: 'failed', text: problem.description, problem })
    })
  }

  function conclude({ repair }: Experiment, refusal: Problem | undefined): void {
    const problem = refusal && { ...refusal, fix: refusal.fix ?? repair }
    if (problem) recorder.end({ kind: 'refused', text: 'Noticed and refused, as it should be.', problem })
    else recorder.end({ kind: 'failed', text: 'Nobody noticed. That is a fault worth reporting.' })
  }

  async function callApi(title: string, init?: RequestInit): Promise<unknown> {
    let body: unknown
    const done = await perform(title, async () => {
      const response = await auth.fetch(`${config.api}/api/notes`, init)
      body = await response.json()
      return drawBody(recorder, body) ?? `The API answered ${response.status}.`
    })
    return done ? body : undefined
  }

  async function askUserinfo(): Promise<string | Problem> {
    const { userinfo_endpoint: url } = await auth.getMetadata()
    if (!url) return 'This server has no userinfo endpoint.'
    const response = await auth.fetch(url)
    const text = await response.text()
    const claims: unknown = text ? JSON.parse(text) : {}
    const problem = drawBody(recorder, claims)
    if (problem) return problem
    rememberProfile(claims)
    return `Pixy answered ${response.status}.`
  }

  async function pause(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 1) {
      showWait(left)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    showWait(null)
  }

  /** Lays hand on a code that has arrived, before the SDK sees it. */
  async function interfere(
    { change, wait, callback }: Experiment,
    parameters: URLSearchParams,
  ): Promise<void> {
    if (parameters.has('error')) return
    if (wait) {
      const seconds = wait(config)
      tools.changed(change, {}, { waited: `${seconds} s` })
      await pause(seconds)
    }
    if (callback) {
      const before = Object.fromEntries(parameters)
      callback(parameters)
      const after = Object.fromEntries(parameters)
      const changed = Object.keys(before).filter((name) => before[name] !== after[name])
      const pick = (from: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(changed.map((name) => [name, from[name] ?? '']))
      tools.changed(change, pick(before), pick(after))
    }
  }

  async function redeem(experiment: Experiment | undefined): Promise<Problem | undefined> {
    const url = new URL(location.href)
    if (experiment) await interfere(experiment, url.searchParams)
    try {
      await auth.handleCallback(url.href)
      return undefined
    } catch (error) {
      return problemFromError(error)
    }
  }

  return {
    async signIn() {
      recorder.begin('Sign in')
      await leave(() => auth.login({ returnTo: '/' }))
    },

    async refresh() {
      await perform(
        'Refresh',
        async () => (await tools.refresh()) ?? 'A new access token, and a new refresh token.',
      )
    },

    readNotes: async () => textsOf(await callApi('Read notes')),

    deleteNotes: async () => textsOf(await callApi('Delete notes', { method: 'DELETE' })),

    async addNote(text) {
      const body = JSON.stringify({ text })
      const headers = { 'Content-Type': 'application/json' }
      const added = await callApi('Add a note', { method: 'POST', headers, body })
      if (added === undefined) return undefined
      return textsOf(await auth.fetch(`${config.api}/api/notes`).then((response) => response.json()))
    },

    async userinfo() {
      await perform('Userinfo', askUserinfo)
    },

    async signOut() {
      recorder.begin('Sign out')
      await leave(() => auth.logout())
    },

    async run(experiment) {
      recorder.begin(experiment.title, experiment.id)
      saboteur.arm(experiment)
      if (experiment.act) conclude(experiment, await experiment.act(tools).catch(problemFromError))
      else await leave(() => auth.login({ returnTo: '/' }))
    },

    async finishSignIn() {
      const experiment = findExperiment(recorder.current()?.experiment)
      saboteur.arm(experiment)
      const problem = await redeem(experiment)
      saboteur.arm(undefined)
      history.replaceState(null, '', '/')
      if (!experiment) {
        if (problem) recorder.end({ kind: 'failed', text: problem.description, problem })
        else {
          await askUserinfo().catch(() => undefined) // a name to show; without one the session is as good
          recorder.end({ kind: 'done', text: 'Signed in: the code was redeemed and the ID token verified.' })
        }
      } else if (!problem && experiment.after) {
        conclude(experiment, await experiment.after(tools).catch(problemFromError))
      } else conclude(experiment, problem)
    },

    resume() {
      const run = recorder.current()
      if (!run) return
      const experiment = findExperiment(run.experiment)
      if (experiment?.staysAtPixy) {
        recorder.end({ kind: 'refused', text: 'Pixy kept the browser and redirected nowhere, as it should.' })
      } else if (run.title === 'Sign out')
        recorder.end({ kind: 'done', text: 'Signed out here and at Pixy.' })
      else recorder.end({ kind: 'failed', text: 'You came back without finishing at Pixy.' })
    },
  }
}

function textsOf(body: unknown): readonly string[] | undefined {
  const notes: unknown = typeof body === 'object' && body ? Reflect.get(body, 'notes') : undefined
  return Array.isArray(notes) ? notes.map((note: { text?: unknown }) => String(note.text)) : undefined
}
