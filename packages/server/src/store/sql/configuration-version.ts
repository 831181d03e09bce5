import type { SqlEngine, Step } from './engine.ts'

/**
 * The step that every change of tenants, workspaces, clients, secrets and keys brings along, in its
 * transaction.
 */
export function configurationChanged({ db }: SqlEngine): Step {
  return {
    query: db
      .updateTable('configuration_version')
      .set((eb) => ({ version: eb('version', '+', 1) }))
      .where('id', '=', 1)
      .compile(),
  }
}

export async function configurationVersion({ db }: SqlEngine): Promise<number> {
  const { version } = await db
    .selectFrom('configuration_version')
    .select('version')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
  return version
}

/** Runs the steps of a change together with `configurationChanged`. `false`: nothing changed. */
export async function changeConfiguration(engine: SqlEngine, ...steps: readonly Step[]): Promise<boolean> {
  return (await engine.atomically([...steps, configurationChanged(engine)])) !== false
}
