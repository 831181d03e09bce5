import type { Problem } from './types.ts'

/** OIDC Core §3.1.2.1 */
export const displayValues = ['page', 'popup', 'touch', 'wap'] as const
export type Display = (typeof displayValues)[number]

/** `display`, `page` where it is absent. */
export function parseDisplay(text: string | undefined): Display | Problem<'unknown_value'> {
  if (text === undefined) return 'page'
  return displayValues.find((value) => value === text) ?? { problem: 'unknown_value' }
}
