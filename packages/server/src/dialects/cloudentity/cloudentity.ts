import type { Dialect } from '../dialect.ts'

export const cloudentity: Dialect = { name: 'cloudentity', routes: new Map(), deviations: {} }
