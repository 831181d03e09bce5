import { describe, expect, it } from 'vitest'
import { anAccessToken, WORKSPACE } from '../../src/store/contract/builders.ts'
import { times } from '../../src/store/contract/harness.ts'
import { MEMORY } from '../../src/store/sqlite/connection.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { openFile, temporaryFiles } from './files.ts'

const newFile = temporaryFiles()

describe.each(['a file', 'memory'])('the backup of a database in %s', (where) => {
  it('holds what was written before it, while writing goes on', async () => {
    const store = await openSqlite({ path: where === 'memory' ? MEMORY : newFile() })
    await store.migrate()
    const before = times(2000, () =>
      anAccessToken({ audience: 'https://api.example.com/'.padEnd(2000, 'x') }),
    )
    await Promise.all(before.map((token) => store.accessTokens.insert(token)))

    let writing = true
    const during = (async () => {
      const tokens = []
      while (writing) {
        const token = anAccessToken()
        await store.accessTokens.insert(token)
        tokens.push(token)
      }
      return tokens
    })()
    const progress: number[] = []
    const copy = newFile()
    await store.backup(copy, (done) => progress.push(done))
    writing = false
    for (const token of await during) {
      expect(await store.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
    }
    await store.close()

    expect(progress[0]).toBe(0)
    expect(progress.at(-1)).toBe(1)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.length).toBeGreaterThan(3)

    const { store: restored, engine } = openFile(copy)
    expect(await restored.pendingMigrations()).toEqual([])
    expect(engine.connection.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    for (const token of before) {
      expect(await restored.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
    }
    await restored.close()
  })
})

describe('a backup', () => {
  it('is refused where its file cannot be written', async () => {
    const store = await openSqlite({ path: newFile() })
    await store.migrate()
    await expect(store.backup(`${newFile()}/not/there.db`)).rejects.toThrow()
    await store.ping()
    await store.close()
  })
})
