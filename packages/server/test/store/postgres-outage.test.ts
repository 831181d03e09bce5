import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  aClient,
  anAccessToken,
  aRotation,
  aUser,
  NOW,
  WORKSPACE,
} from '../../src/store/contract/builders.ts'
import { times } from '../../src/store/contract/harness.ts'
import { insertGrant, redeem, toIssue } from '../../src/store/contract/issue.ts'
import { openPool } from '../../src/store/postgres/connection.ts'
import { PostgresEngine } from '../../src/store/postgres/engine.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { postgresStore } from '../../src/store/postgres/store.ts'
import { type Store, StoreUnavailable } from '../../src/store/store.ts'
import { newSchema, type TestSchema } from '../support/postgres/schemas.ts'
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts'
import { describeOn } from '../support/stores.ts'

/** A request that finds no database may take so long, and not a second more. */
const BOUND = 7000

describeOn('postgres', 'a PostgreSQL that', () => {
  let server: PostgresServer
  let schema: TestSchema
  let store: Store
  const others: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    server = await startPostgres()
    schema = await newSchema(server.url)
    store = await openPostgres({ url: schema.url })
    await store.migrate()
  })
  afterEach(async () => {
    for (const close of others.splice(0)) await close()
  })
  afterAll(async () => {
    await store?.close()
    await server?.stop()
  })

  it('is away is unavailable at once, and is found again when it is back', async () => {
    const { family } = await insertGrant(store, {})
    const waiting = toIssue({})
    await store.codes.insert(waiting.code)
    await server.restart('fast', async () => {
      const began = performance.now()
      await expectUnavailable([
        store.ping(),
        store.codes.find(WORKSPACE, 'code'),
        store.refreshTokens.find(WORKSPACE, family.familyHash),
        store.refreshTokens.rotate(WORKSPACE, family.familyHash, aRotation(family)),
        redeem(store, waiting),
        store.clients.insert(aClient()),
        store.configurationVersion(),
        store.sweep(NOW, 10),
      ])
      expect(performance.now() - began).toBeLessThan(BOUND)
    })
    // Every connection of the pool is dead by now.
    const users = times(20, () => aUser())
    expect(await Promise.all(users.map((user) => store.users.insert(user)))).toEqual(times(20, () => true))
    expect(await redeem(store, waiting)).toBe(true)
    expect((await store.refreshTokens.find(WORKSPACE, family.familyHash))?.family).toEqual(family)
  })

  it('crashes under redemptions loses none that it acknowledged, and spends no code in vain', async () => {
    const issued = times(400, () => toIssue({}))
    await Promise.all(issued.map(({ code }) => store.codes.insert(code)))
    let acknowledged = 0
    const halfWay = Promise.withResolvers<void>()
    const outcomes = issued.map(async (each) => {
      const spent = await redeem(store, each)
      acknowledged += 1
      if (acknowledged === 100) halfWay.resolve()
      return spent
    })
    const all = Promise.allSettled(outcomes)
    await halfWay.promise
    await server.restart('immediate')
    const settled = await all

    for (const [index, outcome] of settled.entries()) {
      const { code, grant, family, token } = issued[index] ?? toIssue({})
      const found = await store.codes.find(WORKSPACE, code.codeHash)
      if (outcome.status === 'fulfilled') {
        expect(outcome.value).toBe(true)
        expect(found?.consumedAt).toBe(NOW)
        expect(await store.grants.find(WORKSPACE, grant.grantId)).toBeDefined()
        expect(await store.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
        expect((await store.refreshTokens.find(WORKSPACE, family.familyHash))?.family).toEqual(family)
      } else {
        expect(outcome.reason).toBeInstanceOf(StoreUnavailable)
        expect(found?.consumedAt).toBeNull() // its client may come again, and is served
      }
    }
  })

  it('ends a connection under a rotation has rotated once, and says so', async () => {
    const grants = await Promise.all(times(30, () => insertGrant(store, {})))
    const rotations = grants.map(({ family }) => ({ family, rotation: aRotation(family) }))
    const all = rotations.map(({ family, rotation }) =>
      store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation),
    )
    await schema.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'pixy' and pid <> pg_backend_pid()`)
    expect(await Promise.all(all)).toEqual(times(30, () => true))
    for (const { family, rotation } of rotations) {
      const found = await store.refreshTokens.find(WORKSPACE, family.familyHash)
      expect(found?.family).toMatchObject({ generation: 2, currentHash: rotation.nextHash })
    }
  })

  it('holds a row for another program does not hang: the caller is told to come again', async () => {
    const issued = toIssue({})
    await store.codes.insert(issued.code)
    const lock = await heldRow(schema, issued.code.codeHash)
    others.push(lock.release)
    const began = performance.now()
    await expectUnavailable([redeem(store, issued)])
    expect(performance.now() - began).toBeLessThan(BOUND)
    await lock.release()
    expect(await redeem(store, issued)).toBe(true)
  })

  it('accepts connections and never answers is unavailable', async () => {
    const silent = await silentServer()
    others.push(silent.close)
    const unreachable = await openPostgres({ url: `postgres://pixy:secret@127.0.0.1:${silent.port}/pixy` })
    others.push(() => unreachable.close())
    const began = performance.now()
    await expectUnavailable([unreachable.ping(), unreachable.codes.find(WORKSPACE, 'code')])
    expect(performance.now() - began).toBeLessThan(BOUND)
  })

  it.skipIf(process.platform === 'win32')('goes silent under a statement is unavailable', async () => {
    const engine = new PostgresEngine(openPool(schema.url, 300))
    const impatient = postgresStore(engine)
    others.push(() => impatient.close())
    const { rows } = await engine.run<{ pid: number }>('select pg_backend_pid() as pid', [])
    const pid = rows[0]?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    await expectUnavailable([impatient.codes.find(WORKSPACE, 'code')])
    expect(await impatient.codes.find(WORKSPACE, 'code')).toBeUndefined() // on another connection
    process.kill(pid, 'SIGCONT')
  })

  it('is migrated by a newer node goes on serving this one, whose statements are prepared', async () => {
    const find = () => Promise.all(times(20, () => store.codes.find(WORKSPACE, 'code')))
    await find()
    await schema.sql('alter table authorization_codes add column from_a_newer_version text')
    expect(await find()).toEqual(times(20, () => undefined))
  })

  it('refuses the user says so, without the password', async () => {
    const url = schema.url.replace('pixy@', 'nobody:hunter2-is-secret@')
    const store = await openPostgres({ url })
    others.push(() => store.close())
    const error = await store.ping().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(StoreUnavailable)
    const texts: string[] = []
    for (let each = error; each instanceof Error; each = each.cause)
      texts.push(`${each.stack}`, JSON.stringify(each))
    expect(texts.join('\n')).toContain('role "nobody" does not exist')
    expect(texts.join('\n')).not.toContain('hunter2')
  })
})

describeOn('postgres', 'nodes on one PostgreSQL', () => {
  it('migrate one after another when all start at once', async () => {
    const schema = await newSchema()
    const nodes = await Promise.all(times(4, () => openPostgres({ url: schema.url })))
    const ran = await Promise.all(nodes.map((node) => node.migrate()))
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
    await Promise.all(nodes.map((node) => node.close()))
    await schema.drop()
  })

  it('sweep one at a time', async () => {
    const schema = await newSchema()
    const nodes = await Promise.all(times(2, () => openPostgres({ url: schema.url })))
    const [one, other] = nodes
    if (!one || !other) throw new Error('two nodes')
    await one.migrate()
    const tokens = times(50, () => anAccessToken({ expiresAt: NOW }))
    await Promise.all(tokens.map((token) => one.accessTokens.insert(token)))
    const swept = await Promise.all([one.sweep(NOW + 90_000, 500), other.sweep(NOW + 90_000, 500)])
    expect(swept.reduce((sum, each) => sum + each, 0)).toBe(50)
    await Promise.all(nodes.map((node) => node.close()))
    await schema.drop()
  })
})

async function expectUnavailable(calls: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) })
  }
}

/** A code's row in the hands of a transaction that does not end. */
async function heldRow(schema: TestSchema, codeHash: string): Promise<{ release(): Promise<void> }> {
  const { Client } = await import('pg')
  const client = new Client({ connectionString: schema.url })
  await client.connect()
  await client.query('begin')
  await client.query('select 1 from authorization_codes where code_hash = $1 for update', [codeHash])
  let released = false
  return {
    async release() {
      if (!released) await client.end()
      released = true
    },
  }
}

async function silentServer(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
