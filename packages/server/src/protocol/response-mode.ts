import type { Problem } from './types.ts'

/** OAuth 2.0 Multiple Response Type Encoding Practices §2.1; OAuth 2.0 Form Post Response Mode §2. */
export const responseModes = ['query', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/** `response_mode`, which for `response_type=code` is `query` where it is absent. */
export function parseResponseMode(text: string | undefined): ResponseMode | Problem<'unknown_value'> {
  if (text === undefined) return 'query'
  return responseModes.find((mode) => mode === text) ?? { problem: 'unknown_value' }
}
