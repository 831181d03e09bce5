import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/adapters/logger.ts'
import { startTestServer } from '../../src/test-server.ts'
import { newSchema } from '../support/postgres/schemas.ts'
import { describeOn } from '../support/stores.ts'
import { aFolder, onTestEnd, pixy, pixyError, pixyJson, SECRET } from './support.ts'

const PASSWORD = 'hunter2-is-secret'

/** Nobody listens there. */
const AWAY = `postgres://pixy:${PASSWORD}@127.0.0.1:1/pixy`

describe('the command line with a PostgreSQL that is away', () => {
  it.each([
    ['doctor', 4],
    ['migrate', 1],
    ['migrate status', 1],
    ['user list', 1],
    ['keys rotate', 1],
  ])('%s says so, and never the password', async (verb, expected) => {
    const args = [...verb.split(' '), '--data', join(aFolder(), 'none')]
    for (const flags of [[], ['--json']]) {
      const env = { PIXY_DATABASE_URL: AWAY, PIXY_SECRET: SECRET }
      const { code, out, err } = await pixy([...args, ...flags], { env })
      expect(code).toBe(expected)
      expect(out + err).toMatch(/cannot be reached: connect ECONNREFUSED/)
      expect(out + err).not.toContain(PASSWORD)
    }
  })

  it('backup names the tool for it', async () => {
    const env = { PIXY_DATABASE_URL: AWAY }
    const error = await pixyError(1, ['backup', join(aFolder(), 'copy.db')], { env })
    expect(error).toMatchObject({ reason: 'not_offered', message: expect.stringContaining('pg_dump') })
  })

  it.each(['check', 'check --production'])('config %s takes the URL and does not show it', async (verb) => {
    const env = { PIXY_DATABASE_URL: AWAY, PIXY_URL: 'https://auth.example' }
    const { out, err } = await pixy(['config', ...verb.split(' '), '--json'], { env })
    expect(out + err).not.toContain(PASSWORD)
  })

  it('a URL that cannot be read is exit code 3, and is not quoted', async () => {
    const env = { PIXY_DATABASE_URL: `postgres://pixy:${PASSWORD}@[::1/pixy` }
    const error = await pixyError(3, ['migrate'], { env })
    expect(error).toMatchObject({ problems: [expect.stringContaining('percent-encoded')] })
    expect(JSON.stringify(error)).not.toContain(PASSWORD)
  })

  it('a line of the log that holds a URL holds no password', () => {
    const lines: string[] = []
    const log = createLogger({ level: 'info', write: (line) => lines.push(line) })
    log.error({ err: new TypeError(`Invalid URL: ${AWAY}`) }, 'a request failed')
    expect(lines.join('')).toContain('postgres://pixy:[password]@127.0.0.1:1/pixy')
    expect(lines.join('')).not.toContain(PASSWORD)
  })
})

describeOn('postgres', 'the command line on PostgreSQL', () => {
  it('migrates, examines, lists and changes what a server on it sees within a second', async () => {
    const schema = await newSchema()
    onTestEnd(() => schema.drop())
    const env = { PIXY_DATABASE_URL: schema.url, PIXY_SECRET: SECRET }
    const { pending } = await pixyJson<{ pending: string[] }>(['migrate', 'status'], { env })
    expect(pending[0]).toBe('0001-initial')
    const { migrated } = await pixyJson<{ migrated: string[] }>(['migrate'], { env })
    expect(migrated).toEqual(pending)

    const server = await startTestServer({ database: schema.url, secret: SECRET })
    onTestEnd(() => server.close())
    // The tests' server does not wait for the disk, and the doctor says so.
    const doctor = await pixy(['doctor', '--data', aFolder()], { env: { ...env, PIXY_URL: server.url } })
    expect(doctor.out).toMatch(/fsync is off|PostgreSQL postgres on .* answers/)
    expect(doctor.out).toContain('the schema is up to date')

    const before = await server.pixy.deps.store.configurationVersion()
    await pixyJson(['client', 'create', '--type', 'machine', '--id', 'robot'], { env })
    expect(await server.pixy.deps.store.configurationVersion()).toBeGreaterThan(before)
    const { clients } = await pixyJson<{ clients: { client_id: string }[] }>(['client', 'list'], { env })
    expect(clients.map(({ client_id }) => client_id)).toContain('robot')
  })
})
