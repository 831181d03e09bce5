import type { Dialect } from '../dialect.ts'

export const toki: Dialect = { name: 'toki', routes: new Map(), deviations: {} }
