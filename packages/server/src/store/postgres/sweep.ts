import type { PostgresEngine } from './engine.ts'
import { SWEEPING, TRY_LOCK } from './locks.ts'

/** Sweeps, unless another node does so at this moment: two would only wait for each other's rows. */
export function sweepAlone(engine: PostgresEngine, sweep: () => Promise<number>): Promise<number> {
  return engine.transaction(async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(TRY_LOCK, [SWEEPING])
    return rows[0]?.locked === true ? sweep() : 0
  })
}
