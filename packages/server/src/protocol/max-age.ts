import type { Problem, Seconds } from './types.ts'

const MAX = 2 ** 31

/** `max_age` in seconds (OIDC Core §3.1.2.1): decimal digits, at most 2^31. Zero asks for a new sign-in. */
export function parseMaxAge(
  text: string | undefined,
): Seconds | undefined | Problem<'not_a_number' | 'too_large'> {
  if (text === undefined) return undefined
  if (!/^[0-9]+$/.test(text)) return { problem: 'not_a_number' }
  if (text.length > 10) return { problem: 'too_large' }
  const seconds = Number(text)
  return seconds > MAX ? { problem: 'too_large' } : seconds
}
