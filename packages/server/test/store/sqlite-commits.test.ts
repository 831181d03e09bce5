import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { aClient, anAccessToken, aUser, NOW, WORKSPACE } from '../../src/store/contract/builders.ts'
import { times } from '../../src/store/contract/harness.ts'
import { insertGrant, redeem, toIssue } from '../../src/store/contract/issue.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { openFile, temporaryFiles } from './files.ts'

const newFile = temporaryFiles()

async function migrated(path = newFile()) {
  const opened = openFile(path)
  await opened.store.migrate()
  return opened
}

describe('group commit', () => {
  it('lets writes of one turn share a commit, and begins another when a batch is full', async () => {
    const { store } = await migrated()
    const run = vi.spyOn(StatementSync.prototype, 'run')
    const commits = () => statementsOf(run).filter((sql) => sql === 'commit').length
    await Promise.all(times(100, () => store.accessTokens.insert(anAccessToken())))
    expect(commits()).toBe(1)
    await Promise.all(times(600, () => store.accessTokens.insert(anAccessToken())))
    expect(commits()).toBe(4)
    await Promise.all([
      store.users.insert(aUser()),
      store.clients.insert(aClient()),
      insertGrant(store, {}), // its code first, then its redemption
    ])
    expect(commits()).toBe(6)
    run.mockRestore()
    await store.close()
  })
})

describe('a database that cannot be written to', () => {
  it('because another process holds the lock too long: unavailable, and well again after that', async () => {
    const { store, engine, path } = await migrated()
    engine.connection.exec('pragma busy_timeout = 20')
    const other = new DatabaseSync(path)
    other.exec('begin immediate')
    const token = anAccessToken()
    await expectUnavailable([store.accessTokens.insert(token), store.clients.insert(aClient())])
    expect(await store.accessTokens.find(WORKSPACE, token.tokenHash)).toBeUndefined()
    other.exec('rollback')
    other.close()
    await store.accessTokens.insert(token)
    expect(await store.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
    await store.close()
  })

  it('because the disk is full: nothing of the batch is stored, and it is well with room again', async () => {
    const { store, engine } = await migrated()
    const issued = toIssue({})
    await store.codes.insert(issued.code)
    const pages = engine.connection.prepare('pragma page_count').get()?.page_count
    engine.connection.exec(`pragma max_page_count = ${pages}`)
    const large = anAccessToken({ audience: 'a'.repeat(100_000) })
    await expectUnavailable([redeem(store, issued), store.accessTokens.insert(large)])
    expect(await store.grants.find(WORKSPACE, issued.grant.grantId)).toBeUndefined()
    engine.connection.exec('pragma max_page_count = 1000000')
    expect(await redeem(store, issued)).toBe(true)
    await store.close()
  })

  it('because it is read-only: unavailable, and still readable', async () => {
    const { store, engine } = await migrated()
    const user = aUser()
    await store.users.insert(user)
    engine.connection.exec('pragma query_only = on')
    await expectUnavailable([store.users.delete(WORKSPACE, user.userId), store.users.insert(aUser())])
    expect(await store.users.find(WORKSPACE, user.userId)).toEqual(user)
    await store.close()
  })

  it('because it is none: unavailable at once', async () => {
    await expect(openSqlite({ path: newFile().replace(/[^/\\]+$/, '.') })).rejects.toThrow()
  })
})

describe('another process', () => {
  it('may write to the same file meanwhile, and nothing of either is lost', async () => {
    const { store, path } = await migrated()
    const writer = writerOn(path)
    await writer.acknowledged(1)
    const mine = times(200, () => anAccessToken())
    for (const token of mine) await store.accessTokens.insert(token)
    const theirs = await writer.acknowledged(200)
    await writer.kill()
    for (const { tokenHash } of mine)
      expect(await store.accessTokens.find(WORKSPACE, tokenHash)).toBeDefined()
    for (const tokenHash of theirs) expect(await store.accessTokens.find(WORKSPACE, tokenHash)).toBeDefined()
    await store.close()
  })

  it('that is killed while it writes loses nothing that it had acknowledged', async () => {
    const { store, path } = await migrated()
    await store.close()
    for (const enough of [1, 40, 160, 320]) {
      const writer = writerOn(path)
      await writer.acknowledged(enough)
      await writer.kill()
      const acknowledged = writer.all()

      const { store: after, engine } = openFile(path)
      expect(engine.connection.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
      for (const hash of acknowledged) {
        expect(await after.accessTokens.find(WORKSPACE, hash)).toBeDefined()
        expect((await after.codes.find(WORKSPACE, hash))?.consumedAt).toBe(NOW)
        expect(await redeem(after, { ...toIssue({}), code: { ...toIssue({}).code, codeHash: hash } })).toBe(
          false,
        )
        expect(await after.grants.find(WORKSPACE, hash)).toBeDefined()
      }
      await after.close()
    }
  })
})

describe('the file', () => {
  it.skipIf(process.platform === 'win32')(
    'is for its owner only, and so are its log and its copies',
    async () => {
      const { store, path } = await migrated()
      const copy = newFile()
      await store.backup(copy)
      for (const file of [path, `${path}-wal`, copy]) expect(statSync(file).mode & 0o777).toBe(0o600)
      await store.close()
      expect(existsSync(`${path}-wal`)).toBe(false)
    },
  )
})

function statementsOf({
  mock,
}: {
  readonly mock: { readonly contexts: readonly unknown[] }
}): readonly string[] {
  return mock.contexts.filter((context) => context instanceof StatementSync).map(({ sourceSQL }) => sourceSQL)
}

async function expectUnavailable(writes: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(writes)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) })
    expect(outcome).toMatchObject({ reason: { cause: expect.any(Error) } })
  }
}

/** A process that redeems codes for ever, and prints the hash of each when that is acknowledged. */
function writerOn(path: string) {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'close') // after the last of its output
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const all = () => output.split('\n').slice(0, -1)
  return {
    all,
    async acknowledged(count: number): Promise<readonly string[]> {
      while (all().length < count) {
        if (child.exitCode !== null) throw new Error('The writer has ended.')
        await once(child.stdout, 'data')
      }
      return all()
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await exited
    },
  }
}
