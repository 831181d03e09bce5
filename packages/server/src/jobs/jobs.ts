import type { Deps } from '../core/ports.ts'

/** Another process's change is seen within this many milliseconds. */
const REFRESH_MS = 250
const SWEEP_MS = 15_000
/** Rows of each kind that one sweep takes: a few milliseconds of the database. */
const SWEEP_LIMIT = 500

export interface Jobs {
  stop(): Promise<void>
}

export function startJobs(deps: Deps): Jobs {
  const jobs = [
    every(REFRESH_MS, deps, 'reading configuration changes', () => deps.workspaces.refresh()),
    every(SWEEP_MS, deps, 'sweeping expired rows', () => sweep(deps)),
  ]
  return {
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
    },
  }
}

/** Deletes what has expired, in small batches until nothing is left. */
export async function sweep({ store, clock }: Pick<Deps, 'store' | 'clock'>): Promise<number> {
  let total = 0
  for (let batch = 0; batch < 20; batch++) {
    const deleted = await store.sweep(clock.now(), SWEEP_LIMIT)
    total += deleted
    if (deleted === 0) break
  }
  return total
}

/** Runs `work` again and again, never twice at once; a failure is logged and tried again. */
function every(milliseconds: number, { log }: Deps, name: string, work: () => Promise<unknown>): Jobs {
  let running: Promise<unknown> = Promise.resolve()
  let stopped = false
  let failing = false
  let timer: NodeJS.Timeout

  async function once(): Promise<void> {
    try {
      await work()
      failing = false
    } catch (error) {
      // Said once, not four times a second while a database is away.
      if (!failing && !stopped) log.error({ err: error, job: name }, 'a job failed')
      failing = true
    }
    if (!stopped) plan()
  }
  function plan(): void {
    timer = setTimeout(() => {
      running = once()
    }, milliseconds).unref()
  }
  plan()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
