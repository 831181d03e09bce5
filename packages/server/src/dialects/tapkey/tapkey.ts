import type { Dialect } from '../dialect.ts'

export const tapkey: Dialect = { name: 'tapkey', routes: new Map(), deviations: {} }
