import { createHash } from 'node:crypto'
import type { PasswordHasher } from '../../src/core/ports.ts'

/**
 * Hashes at once, where argon2id takes its time: for tests that sign in or guess hundreds of times and are about
 * something else than passwords.
 */
export function quickHasher(): PasswordHasher {
  const hash = (password: string) => `quick ${createHash('sha256').update(password).digest('base64url')}`
  return {
    hash: async (password) => hash(password),
    verify: async (stored, password) => {
      // As with a real one, other requests are served meanwhile.
      await new Promise((resolve) => setImmediate(resolve))
      return stored === hash(password)
    },
  }
}
