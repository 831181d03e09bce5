import { sessionStore } from '../sql/sessions.ts'
import type { SessionStore, UserStore } from '../store.ts'
import type { PostgresEngine } from './engine.ts'
import { isTaken } from './errors.ts'

/** Two people who take the same name at once both see it free: the index lets one of them have it. */
export function usersWithoutTwins(users: UserStore): UserStore {
  return {
    ...users,
    async update(user) {
      try {
        return await users.update(user)
      } catch (error) {
        if (isTaken(error)) return false
        throw error
      }
    },
  }
}

/** Of two sign-ins that begin the same session at once, the later one begins again and then finds the other's. */
export function sessionsThatRace(engine: PostgresEngine, sessions: SessionStore): SessionStore {
  const again = sessionStore({
    db: engine.db,
    hasConcurrentWriters: true,
    atomically: (steps) => engine.atomicallyUnlessTaken(steps),
  })
  return { ...sessions, signIn: (session, previous) => again.signIn(session, previous) }
}
