import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aFolder, anInstallation, pixy, pixyError } from './support.ts'

describe('exit codes', () => {
  it('2 for an unknown verb, with the nearest one', async () => {
    const { code, err } = await pixy(['clinet'])
    expect(code).toBe(2)
    expect(err).toContain("unknown command 'clinet'")
    expect(err).toContain('Did you mean client?')
  })

  it('2 for an unknown command of a verb, with the nearest one', async () => {
    const { code, err } = await pixy(['client', 'shwo'])
    expect(code).toBe(2)
    expect(err).toContain('Did you mean show?')
  })

  it.each([
    [['client', 'list', '--nope']],
    [['client', 'create', '--type', 'toaster']],
    [['client', 'create']],
    [['client', 'show']],
    [['client']],
    [['start', '--port', 'many']],
    [['login', '--headless']],
    [['login', '--username', 'ada']],
    [['token', 'inspect', '']],
  ])('2 for pixy %j', async (args) => {
    expect((await pixy(args)).code).toBe(2)
  })

  it('1 where there is no database, and says where it looked', async () => {
    const data = aFolder()
    const error = await pixyError(1, ['client', 'list', '--data', data])
    expect(error).toMatchObject({
      reason: 'database_missing',
      message: `There is no database ${join(data, 'pixy.db')}.`,
    })
    expect(error.fix).toContain('pixy start')
  })

  it('1 where the master secret is not at hand', async () => {
    const { at, data, stop } = await anInstallation()
    await stop()
    writeFileSync(join(data, 'secret.key'), '')
    expect(await pixyError(1, at('client', 'list'))).toMatchObject({ reason: 'secret_missing' })
  })

  it('1 where the master secret is another one', async () => {
    const { at, stop } = await anInstallation()
    await stop()
    const env = { PIXY_SECRET: 'another master secret, which opens nothing of this' }
    const error = await pixyError(1, at('client', 'list'), { env })
    expect(error.message).toContain('sealed under another master secret')
  })

  it('3 for an unknown PIXY_ variable, with the nearest one; PIXY_TEST_ is not ours', async () => {
    const env = { PIXY_DATABSE_URL: 'sqlite:x', PIXY_TEST_ANYTHING: '1' }
    const error = await pixyError(3, ['client', 'list'], { env })
    expect(error).toMatchObject({
      reason: 'config_invalid',
      problems: [expect.stringContaining('PIXY_DATABASE_URL')],
    })
  })

  it('3 for a configuration file that cannot be used, with every problem', async () => {
    const file = join(aFolder(), 'pixy.json')
    writeFileSync(file, '{"tenants":[{"id":"a","workspaces":[{"id":"m","sign_upp":"open"}]}],"port":"x"}')
    const error = await pixyError(3, ['config', 'check', file])
    expect(error.problems).toHaveLength(2)
    expect(await pixyError(3, ['client', 'list', '--config', join(aFolder(), 'none.json')])).toMatchObject({
      reason: 'config_invalid',
    })
  })

  it('0 for a configuration file that can', async () => {
    const file = join(aFolder(), 'pixy.json')
    writeFileSync(file, '{"tenants":[{"id":"a","workspaces":[{"id":"m","path":"/"}]}]}')
    const { code, out } = await pixy(['config', 'check', '--config', file])
    expect([code, out]).toEqual([0, expect.stringContaining('is valid: 1 tenants, 1 workspaces')])
  })

  it('prints the schema of the file', async () => {
    const { code, out } = await pixy(['config', 'schema'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ title: 'Pixy configuration', type: 'object' })
  })

  it('puts the error object on standard error, with --json as JSON', async () => {
    const args = ['client', 'list', '--data', aFolder()]
    const text = await pixy(args)
    expect(text).toMatchObject({ out: '', err: expect.stringContaining('✖ There is no database') })
    const json = await pixy([...args, '--json'])
    expect(json.out).toBe('')
    expect(JSON.parse(json.err)).toEqual({ error: expect.objectContaining({ reason: 'database_missing' }) })
  })
})
