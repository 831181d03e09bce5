import { z } from 'zod'
import {
  checkPassword,
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_LENGTH,
} from '../../core/accounts/password-policy.ts'
import { AdminError } from '../admin-error.ts'
import type { AdminDeps } from '../operation.ts'

export const passwordText = z
  .string()
  .min(1)
  .max(4 * MAX_PASSWORD_BYTES)

const PROBLEMS = {
  password_too_short: `The password is too short: it needs ${MIN_PASSWORD_LENGTH} characters or more.`,
  password_too_long: `The password is too long: it may have ${MAX_PASSWORD_BYTES} bytes.`,
  password_common: 'The password is one that many people use.',
  password_guessable: 'The password would be guessed soon.',
} as const

/**
 * The hash of a password that keeps the policy, the same one that holds for people who choose their own.
 *
 * @throws {AdminError} `password_too_short`, `password_too_long`, `password_common`, `password_guessable`
 */
export async function hashNewPassword(
  { hasher }: AdminDeps,
  password: string,
  personal: readonly string[],
): Promise<string> {
  const problem = await checkPassword(password, personal)
  if (problem) {
    throw new AdminError(problem.kind, PROBLEMS[problem.kind], {
      fix: 'Use several words that do not belong together, or --generate-password.',
    })
  }
  return hasher.hash(password.normalize('NFC'))
}
