import type { TestProject } from 'vitest/node'
import { startPostgres } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the one server that all files of this run share. */
    readonly postgresUrl: string
  }
}

/** One PostgreSQL for the whole run; `vitest.config.ts` asks for it where `STORES` names it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.PIXY_TEST_POSTGRES_URL
  if (given) {
    project.provide('postgresUrl', given)
    console.log('PostgreSQL for the tests: PIXY_TEST_POSTGRES_URL')
    return undefined
  }
  const server = await startPostgres()
  project.provide('postgresUrl', server.url)
  console.log(`PostgreSQL for the tests: ${server.name}`)
  return () => server.stop()
}
