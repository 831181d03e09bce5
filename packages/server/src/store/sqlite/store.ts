import { repositories } from '../sql/repositories.ts'
import type { Store } from '../store.ts'
import { backupSqlite } from './backup.ts'
import type { SqliteEngine } from './engine.ts'
import { hotAccessTokens } from './hot/access-tokens.ts'
import { hotCodes } from './hot/codes.ts'
import { hotConsents } from './hot/consents.ts'
import { hotFlowEvents } from './hot/flow-events.ts'
import { hotGrants } from './hot/grants.ts'
import { hotInteractions } from './hot/interactions.ts'
import { hotOnceOnly } from './hot/once-only.ts'
import { hotRefreshTokens } from './hot/refresh-tokens.ts'
import { hotSessions } from './hot/sessions.ts'
import { hotUsers } from './hot/users.ts'
import { migrateSqlite, pendingSqliteMigrations } from './migrate.ts'

/** The shared repositories, and what SQLite does in its own way. */
export function plainSqliteStore(engine: SqliteEngine, path: string): Store {
  const schemaVersion = engine.prepare('pragma schema_version')
  return {
    ...repositories(engine),
    migrate: () => migrateSqlite(engine),
    pendingMigrations: () => pendingSqliteMigrations(engine),
    ping: async () => {
      await engine.read(() => schemaVersion.get())
    },
    backup: (file, progress = () => {}) => backupSqlite(engine, path, file, progress),
    close: async () => {
      await engine.writes.close()
      if (engine.connection.isOpen) engine.connection.close()
    },
  }
}

/** With hand-written statements in place of those operations that every request needs. */
export function sqliteStore(engine: SqliteEngine, path: string): Store {
  const plain = plainSqliteStore(engine, path)
  const version = engine.prepare<{ version: number }>(
    'select version from configuration_version where id = 1',
  )
  return {
    ...plain,
    users: { ...plain.users, ...hotUsers(engine) },
    sessions: { ...plain.sessions, ...hotSessions(engine) },
    interactions: hotInteractions(engine),
    consents: { ...plain.consents, ...hotConsents(engine) },
    codes: hotCodes(engine),
    grants: { ...plain.grants, ...hotGrants(engine) },
    refreshTokens: hotRefreshTokens(engine),
    accessTokens: { ...plain.accessTokens, ...hotAccessTokens(engine) },
    onceOnly: hotOnceOnly(engine),
    flowEvents: { ...plain.flowEvents, ...hotFlowEvents(engine) },
    configurationVersion: () => engine.read(() => version.get()?.version ?? 0),
  }
}
