import type { Dialect } from '../dialect.ts'

export const atm: Dialect = { name: 'atm', routes: new Map(), deviations: {} }
