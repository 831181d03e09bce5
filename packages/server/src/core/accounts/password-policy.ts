import type { SignUpProblem } from '../interaction/pages.ts'

/** NIST SP 800-63B-4 §3.1.1.2: fifteen characters where the password is the only factor. */
export const MIN_PASSWORD_LENGTH = 15
export const MAX_PASSWORD_BYTES = 1024

type PasswordProblem = Extract<SignUpProblem, { kind: `password_${string}` }>

/**
 * The policy for passwords that people choose: long enough, and not one that is guessed early. No rules on kinds of
 * characters (NIST SP 800-63B-4 §3.1.1.2). `personal`: words of the account that do not count as secret.
 */
export async function checkPassword(
  password: string,
  personal: readonly string[],
): Promise<PasswordProblem | undefined> {
  if ([...password].length < MIN_PASSWORD_LENGTH)
    return { kind: 'password_too_short', min: MIN_PASSWORD_LENGTH }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return { kind: 'password_too_long' }
  const { scorePassword } = await import('./password-strength.ts')
  const { score, common } = scorePassword(password, personal)
  if (common) return { kind: 'password_common' }
  return score < 2 ? { kind: 'password_guessable' } : undefined
}
