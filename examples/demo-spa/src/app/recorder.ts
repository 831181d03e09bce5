import type { Outcome, Run, Section, Step } from './model.ts'

const KEY = 'pixy-demo:runs'
const RUNS_KEPT = 8

export interface Recorder {
  runs(): readonly Run[]
  /** The run that steps belong to, also over a redirect. */
  current(): Run | undefined
  begin(title: string, experiment?: string): void
  add(step: Step): void
  /** Puts one more section, or a checked claim, into the last step. */
  extendLast(change: (step: Step) => Step): void
  end(outcome: Outcome): void
  clear(): void
  /** Reads again what was kept: this page may have been left, and others of this tab shown since. */
  reload(): void
  onChange(listener: () => void): void
}

/** Keeps what happened, newest run first. In sessionStorage, because a sign-in leaves the page in the middle. */
export function createRecorder(): Recorder {
  let runs = load()
  const listeners: (() => void)[] = []

  const change = (next: readonly Run[]): void => {
    runs = next.slice(0, RUNS_KEPT)
    save(runs)
    for (const listener of listeners) listener()
  }
  const current = (): Run | undefined => runs.find(({ outcome }) => outcome.kind === 'running')
  const update = (changed: (run: Run) => Run): void => {
    const open = current()
    if (open) change(runs.map((run) => (run === open ? changed(run) : run)))
  }
  const end = (outcome: Outcome): void => update((run) => ({ ...run, outcome }))

  return {
    runs: () => runs,
    current,
    begin(title, experiment) {
      end({ kind: 'failed', text: 'Left before it was finished.' })
      change([
        {
          id: crypto.randomUUID(),
          title,
          experiment,
          at: Date.now(),
          steps: [],
          outcome: { kind: 'running' },
        },
        ...runs,
      ])
    },
    add: (step) => update((run) => ({ ...run, steps: [...run.steps, step] })),
    extendLast: (changed) =>
      update((run) => {
        const last = run.steps.at(-1)
        return last ? { ...run, steps: [...run.steps.slice(0, -1), changed(last)] } : run
      }),
    end,
    clear: () => change([]),
    reload: () => change(load()),
    onChange: (listener) => void listeners.push(listener),
  }
}

export function withSection(step: Step, section: Section): Step {
  return { ...step, sections: [...step.sections, section] }
}

function load(): readonly Run[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Run[] // written by `save` of this same page
  } catch {
    return []
  }
}

function save(runs: readonly Run[]): void {
  for (let kept = runs.length; kept >= 0; kept -= 1) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(runs.slice(0, kept)))
      return
    } catch {
      // full: try without the oldest
    }
  }
}
