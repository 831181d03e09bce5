import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BatchedDeviationLog } from '../../src/adapters/deviation-log.ts'
import type { Logger } from '../../src/core/ports.ts'
import { aClient, NOW, WORKSPACE } from '../../src/store/contract/builders.ts'
import { MEMORY } from '../../src/store/sqlite/connection.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { type Store, StoreUnavailable } from '../../src/store/store.ts'

let store: Store
let away = false
let batches: number[] = []
let warnings: string[] = []
const log: Logger = { info() {}, warn: (_fields, message) => void warnings.push(message), error() {} }

/** The store, which is away while `away` says so. */
function watched(): Store {
  const { deviations } = store
  return {
    ...store,
    deviations: {
      ...deviations,
      async addMany(those) {
        if (away) throw new StoreUnavailable('away')
        batches.push(those.length)
        if (those.some(({ clientId }) => clientId === 'legacy')) await deviations.addMany(those)
      },
    },
  }
}

beforeEach(async () => {
  store = await openSqlite({ path: MEMORY })
  await store.migrate()
  await store.clients.insert(aClient({ clientId: 'legacy' }))
  away = false
  batches = []
  warnings = []
})

afterEach(async () => {
  vi.useRealTimers()
  await store.close()
})

const counted = async () =>
  (await store.deviations.list(WORKSPACE, 'legacy')).map(({ deviation, count }) => [deviation, count])

describe('the log of deviations', () => {
  it('adds up in memory what comes within a quarter of a second, and stores it in one batch', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const deviations = new BatchedDeviationLog(watched(), log)
    for (let use = 0; use < 1000; use++)
      deviations.record(WORKSPACE, 'legacy', 'atm_hex_challenge', NOW + use)
    deviations.record(WORKSPACE, 'legacy', 'atm_short_verifier', NOW)
    vi.advanceTimersByTime(249)
    expect(batches).toEqual([])
    vi.advanceTimersByTime(1)
    await deviations.flush()
    expect(batches).toEqual([2])
    expect(await store.deviations.list(WORKSPACE, 'legacy')).toMatchObject([
      { deviation: 'atm_hex_challenge', count: 1000, firstUsedAt: NOW, lastUsedAt: NOW + 999 },
      { deviation: 'atm_short_verifier', count: 1 },
    ])
  })

  it('keeps what the database did not take, and adds it with the next, once', async () => {
    const deviations = new BatchedDeviationLog(watched(), log)
    away = true
    deviations.record(WORKSPACE, 'legacy', 'atm_hex_challenge', NOW)
    await deviations.flush()
    deviations.record(WORKSPACE, 'legacy', 'atm_hex_challenge', NOW + 1)
    await deviations.flush()
    expect(warnings).toEqual(['deviations were not stored yet'])
    away = false
    await deviations.flush()
    await deviations.flush()
    expect(await counted()).toEqual([['atm_hex_challenge', 2]])
  })

  it('stores what waits when the server stops', async () => {
    const deviations = new BatchedDeviationLog(watched(), log)
    deviations.record(WORKSPACE, 'legacy', 'atm_hex_challenge', NOW)
    await deviations.close()
    expect(await counted()).toEqual([['atm_hex_challenge', 1]])
  })

  it('stores many in batches, and drops only what is past its bounds, which it says', async () => {
    const deviations = new BatchedDeviationLog(watched(), log)
    for (let kind = 0; kind < 50_010; kind++) deviations.record(WORKSPACE, 'nobody', `atm_${kind}`, NOW)
    deviations.record(WORKSPACE, 'nobody', 'atm_0', NOW)
    await deviations.flush()
    expect(Math.max(...batches)).toBe(500)
    expect(batches.reduce((all, batch) => all + batch, 0)).toBe(50_000)
    expect(warnings).toEqual(['deviations were not counted: more wait than are kept'])
  })
})
