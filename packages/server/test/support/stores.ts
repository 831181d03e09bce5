import { describe, it } from 'vitest'

/** The engines that this run tests: `STORES=sqlite,postgres`. */
export const STORES = (process.env.STORES ?? 'sqlite').split(',')

/** Tests of one engine alone. Where it is not tested, one skipped test says how it would be. */
export function describeOn(engine: 'sqlite' | 'postgres', name: string, define: () => void): void {
  if (STORES.includes(engine)) describe(name, define)
  else describe(name, () => it.skip(`needs STORES=${engine}`, () => {}))
}
