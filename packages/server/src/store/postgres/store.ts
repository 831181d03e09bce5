import { repositories } from '../sql/repositories.ts'
import { NotOffered, type Store } from '../store.ts'
import type { PostgresEngine } from './engine.ts'
import { hotAccessTokens } from './hot/access-tokens.ts'
import { hotFlowEvents } from './hot/flow-events.ts'
import { hotInteractions } from './hot/interactions.ts'
import { redeemFrom } from './hot/redeem.ts'
import { hotRefreshTokens } from './hot/refresh-tokens.ts'
import { migratePostgres, pendingPostgresMigrations } from './migrate.ts'
import { sweepAlone } from './sweep.ts'
import { sessionsThatRace, usersWithoutTwins } from './unique.ts'

/** The shared repositories, and what PostgreSQL does in its own way. */
export function plainPostgresStore(engine: PostgresEngine): Store {
  const plain = repositories(engine)
  return {
    ...plain,
    users: usersWithoutTwins(plain.users),
    sessions: sessionsThatRace(engine, plain.sessions),
    accessTokens: { ...plain.accessTokens, ...hotAccessTokens(engine) },
    sweep: (now, limit) => sweepAlone(engine, () => plain.sweep(now, limit)),
    migrate: () => migratePostgres(engine),
    pendingMigrations: () => pendingPostgresMigrations(engine),
    ping: async () => {
      await engine.run('select 1', [], { isRead: true })
    },
    backup: async () => {
      throw new NotOffered(
        'PostgreSQL is backed up with its own tools, from another machine too: pg_dump --format=custom --file=pixy.dump "$PIXY_DATABASE_URL". See docs/guides/postgresql.md.',
      )
    },
    close: () => engine.close(),
  }
}

/** With one statement in place of a transaction where every exchange needs it. */
export function postgresStore(engine: PostgresEngine): Store {
  const plain = plainPostgresStore(engine)
  const allowed = 'and "authorization" is not null'
  return {
    ...plain,
    interactions: { ...plain.interactions, ...hotInteractions(engine) },
    codes: { ...plain.codes, redeem: redeemFrom(engine, 'authorization_codes', '') },
    deviceCodes: { ...plain.deviceCodes, redeem: redeemFrom(engine, 'device_codes', allowed) },
    refreshTokens: hotRefreshTokens(engine),
    flowEvents: { ...plain.flowEvents, ...hotFlowEvents(engine) },
  }
}
