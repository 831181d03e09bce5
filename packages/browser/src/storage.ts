import { AuthError } from './errors.ts'
import type { AuthClientOptions, TokenStorage } from './options.ts'
import type { Platform } from './platform.ts'

/** The chosen store. A browser that refuses sessionStorage (blocked cookies) gets memory. */
export function chooseStorage(choice: AuthClientOptions['storage'], platform: Platform): TokenStorage {
  if (typeof choice === 'object') return choice
  return choice === 'memory' ? memoryStorage() : tabStorage(platform)
}

function memoryStorage(): TokenStorage {
  const values = new Map<string, string>()
  return {
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  }
}

/** This tab's sessionStorage; memory keeps what the browser refuses to store. */
function tabStorage(platform: Platform): TokenStorage {
  const values = new Map<string, string>()
  const attempt = <T>(use: (store: Platform['sessionStorage']) => T): T | undefined => {
    try {
      return use(platform.sessionStorage)
    } catch {
      return undefined
    }
  }
  return {
    get: (key) => values.get(key) ?? attempt((store) => store.getItem(key)),
    set(key, value) {
      values.set(key, value)
      attempt((store) => {
        store.setItem(key, value)
        values.delete(key)
      })
    },
    remove(key) {
      values.delete(key)
      attempt((store) => store.removeItem(key))
    },
  }
}

/** A login has to survive the redirect, so here there is no fallback. */
export function requireSessionStorage(platform: Platform): Platform['sessionStorage'] {
  try {
    const store = platform.sessionStorage
    if (store) return store
  } catch {
    // refused: blocked by the browser's settings
  }
  throw new AuthError('storage_unavailable', 'This browser does not let the app use sessionStorage.', {
    hint: 'Signing in needs it, to remember the login across the redirect.',
  })
}
