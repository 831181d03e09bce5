import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { aFolder, anInstallation, pixy, pixyError, pixyJson } from './support.ts'

describe('pixy backup', () => {
  it('copies the database of a running server to a file of its owner, once', async () => {
    const { at, data, server } = await anInstallation({ socket: true })
    const { length: clients } = await server.pixy.deps.store.clients.list('demo:main', { limit: 100 })
    const file = join(aFolder(), 'copy.db')
    expect(await pixyJson(at('backup', file))).toMatchObject({ file, secret_included: false })
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.part`)).toBe(false)
    const copy = new DatabaseSync(file, { readOnly: true })
    expect(copy.prepare('select count(*) as clients from clients').get()).toEqual({ clients })
    copy.close()
    expect((await pixy(at('backup', file))).code).toBe(2)

    const { out } = await pixy(at('backup', join(aFolder(), 'other.db')))
    expect(out).toContain(`Keep ${data}/secret.key safe`)
  })

  it('leaves no half of a file where it fails', async () => {
    const file = join(aFolder(), 'copy.db')
    expect(await pixyError(1, ['backup', file, '--data', aFolder()])).toMatchObject({
      reason: 'database_missing',
    })
    expect(existsSync(file)).toBe(false)
  })
})

describe('pixy migrate', () => {
  it('makes the schema, and then has nothing to do', async () => {
    const data = aFolder()
    const { migrated } = await pixyJson<{ migrated: string[] }>(['migrate', '--data', data])
    expect(migrated.length).toBeGreaterThan(0)
    expect(await pixyJson(['migrate', 'status', '--data', data])).toEqual({ pending: [] })
    expect(await pixyJson(['migrate', '--data', data])).toEqual({ migrated: [] })
  })

  it('is what other verbs ask for where the schema is old', async () => {
    const data = aFolder()
    new DatabaseSync(join(data, 'pixy.db')).close()
    writeFileSync(join(data, 'secret.key'), 'x'.repeat(40), { mode: 0o600 })
    expect(await pixyError(1, ['client', 'list', '--data', data])).toMatchObject({
      reason: 'migrations_pending',
      fix: expect.stringContaining('pixy migrate'),
    })
  })
})

interface Report {
  readonly errors: number
  readonly warnings: number
  readonly findings: readonly Finding[]
}

async function examine(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Report & { code: number }> {
  const { code, out } = await pixy([...args, '--json'], { env })
  return { code, ...(JSON.parse(out) as Report) }
}

const at = (report: Report, check: string) => report.findings.filter((finding) => finding.check === check)

describe('pixy doctor', () => {
  it('finds a running demo in order', async () => {
    const installation = await anInstallation({ socket: true })
    const report = await examine(installation.at('doctor'))
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([])
    expect([report.code, report.errors]).toEqual([0, 0])
    expect(at(report, 'issuer')).toEqual([
      { check: 'issuer', level: 'ok', message: `${installation.server.url} = discovery` },
    ])
    expect(at(report, 'port')[0]).toMatchObject({ message: expect.stringContaining('served by Pixy') })
  })

  it('finds nothing wrong where nothing is yet', async () => {
    expect((await examine(['doctor', '--data', join(aFolder(), 'none')])).code).toBe(0)
  })

  it('warns of names that a browser holds apart, of twins, and says how to mend them', async () => {
    const installation = await anInstallation({ socket: true })
    const uris = [
      'http://localhost:5173/callback',
      'http://localhost:5173/callback/',
      'http://127.0.0.1:5173/callback',
    ]
    const create = [
      'client',
      'create',
      '--type',
      'spa',
      '--id',
      'ui',
      ...uris.flatMap((uri) => ['--redirect-uri', uri]),
    ]
    await pixyJson(installation.at(...create))
    const report = await examine(installation.at('doctor'))
    expect([report.code, report.warnings]).toEqual([0, 2])
    const messages = at(report, 'clients').map(({ message, fix }) => `${message} ${fix}`)
    expect(messages[0]).toMatch(/comes back to 127\.0\.0\.1, the issuer is on localhost/)
    expect(messages[1]).toContain(
      'pixy client update ui --remove-redirect-uri http://localhost:5173/callback/',
    )
  })

  it.skipIf(process.platform === 'win32')('exit code 4 for files that others can read', async () => {
    const { at: place, data } = await anInstallation()
    chmodSync(join(data, 'secret.key'), 0o644)
    const report = await examine(place('doctor'))
    expect(report.code).toBe(4)
    expect(at(report, 'files')).toEqual([
      expect.objectContaining({ fix: `chmod 600 ${join(data, 'secret.key')}` }),
    ])
  })

  it('exit code 4 for a master secret that does not open the database', async () => {
    const { at: place, stop } = await anInstallation()
    await stop()
    const report = await examine(place('doctor'), {
      PIXY_SECRET: 'another master secret, which opens nothing of this',
    })
    expect([report.code, at(report, 'secret')[0]?.level]).toEqual([4, 'error'])
  })

  it('exit code 4 for a damaged database', async () => {
    const data = aFolder()
    writeFileSync(join(data, 'pixy.db'), 'this is no database, but long enough to look at '.repeat(100), {
      mode: 0o600,
    })
    const report = await examine(['doctor', '--data', data])
    expect([report.code, at(report, 'database')[0]?.level]).toEqual([4, 'error'])
  })

  it('exit code 4 for a configuration that cannot be used, and warns of passwords in it', async () => {
    const folder = aFolder()
    const file = join(folder, 'pixy.json')
    const place = ['doctor', '--data', join(folder, 'none'), '--config', file]
    writeFileSync(file, '{"tenants":[{"id":"!"}]}')
    expect((await examine(place)).code).toBe(4)
    const users = '[{"username":"ada","password":"a password in a file"}]'
    writeFileSync(file, `{"tenants":[{"id":"a","workspaces":[{"id":"m","path":"/","users":${users}}]}]}`)
    const report = await examine(place)
    expect([report.code, report.warnings]).toEqual([0, 1])
    expect(JSON.stringify(report)).not.toContain('a password in a file')
  })

  it('says everything in words, with a count', async () => {
    const installation = await anInstallation({ socket: true })
    const { out } = await pixy(installation.at('doctor'))
    expect(out).toMatch(/ ✔ node +Node v\d+\.\d+\.\d+, node:sqlite 3\./)
    expect(out).toMatch(/\n \d+ ok · 0 warnings · 0 errors\n$/)
  })
})
