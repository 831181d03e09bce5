import type { Store } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { findPlace } from '../place.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy migrate`: what every start does by itself, for those who do it before. */
export const define: DefineVerb = (command, run) => {
  command
    .usage('[status] [options]')
    .description('Brings the schema of the database to this version. Every start does so too.')
    .action(
      run(async (context) => {
        const ran = await withStore(context, (store) => store.migrate())
        const done = ran.map((name) => `${context.terminal.colors.green('✔')} ${name}\n`).join('')
        context.result({ migrated: ran }, () => (ran.length === 0 ? 'There is nothing to migrate.\n' : done))
      }),
    )
  command
    .command('status')
    .description('Lists the migrations that would run.')
    .action(
      run(async (context) => {
        const pending = await withStore(context, (store) => store.pendingMigrations(), true)
        const text = () =>
          pending.length === 0
            ? 'The database is up to date.\n'
            : pending.map((name) => `pending  ${name}\n`).join('')
        context.result({ pending }, text)
      }),
    )
}

async function withStore<T>(
  context: Context,
  work: (store: Store) => Promise<T>,
  mustExist = false,
): Promise<T> {
  const place = await findPlace(context)
  const { openExisting } = await import('../open-database.ts')
  const { openStore } = await import('../../compose.ts')
  const store = mustExist ? await openExisting(place) : await openStore(place.database)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
