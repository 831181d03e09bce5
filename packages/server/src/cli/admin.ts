import type { AdminDeps } from '../admin-api/operation.ts'
import type { InputOf, OperationName, OutputOf } from '../admin-api/operations.ts'
import { callSocket } from '../admin-api/socket-client.ts'
import type { Context } from './context.ts'
import { findPlace, type Place } from './place.ts'

/** Runs operations, wherever that is. */
export interface Admin {
  call<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>
}

/**
 * Runs `work` with the operations of this installation: by the admin socket of the running server, which then sees a
 * change at once, else on the database itself.
 */
export async function withAdmin<T>(context: Context, work: (admin: Admin) => Promise<T>): Promise<T> {
  const place = await findPlace(context)
  const database = new Lazy(() => openDatabase(place))
  try {
    return await work({
      async call(name, input) {
        const answer = place.isSocketOurs ? await callSocket(place.socket, name, input) : undefined
        if (answer) return answer.result as OutputOf<typeof name>
        const { run } = await database.get()
        return (await run(name, input)) as OutputOf<typeof name>
      },
    })
  } finally {
    await database.made?.close()
  }
}

/** One operation. */
export function callAdmin<Name extends OperationName>(
  context: Context,
  name: Name,
  input: InputOf<Name>,
): Promise<OutputOf<Name>> {
  return withAdmin(context, (admin) => admin.call(name, input))
}

interface OpenDatabase {
  run(name: string, input: unknown): Promise<unknown>
  close(): Promise<void>
}

/** Loads what a database takes only where it is needed: most verbs find a server. */
async function openDatabase(place: Place): Promise<OpenDatabase> {
  const [{ openDeps }, { runOperation }] = await Promise.all([
    import('./open-database.ts'),
    import('../admin-api/operations.ts'),
  ])
  const deps: AdminDeps = await openDeps(place)
  return {
    run: (name, input) => runOperation(deps, name, input),
    close: () => deps.store.close(),
  }
}

class Lazy<T> {
  readonly #make: () => Promise<T>
  made: T | undefined

  constructor(make: () => Promise<T>) {
    this.#make = make
  }

  async get(): Promise<T> {
    this.made ??= await this.#make()
    return this.made
  }
}
