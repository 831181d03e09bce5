import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CreatedUser } from '../../src/admin-api/users/create.ts'
import type { UserView } from '../../src/admin-api/users/user-view.ts'
import {
  aFolder,
  anInstallation,
  DEMO_PASSWORD,
  type Installation,
  pixy,
  pixyError,
  pixyJson,
} from './support.ts'

const PASSWORD = 'seven purple kettles hum'

function signIn({ server }: Installation, username: string, password: string): Promise<number> {
  const args = ['login', '--headless', '--issuer', server.url, '--username', username, '--password-stdin']
  return pixy(args, { stdin: password }).then(({ code }) => code)
}

async function refresh({ server }: Installation, refresh_token: string): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'pixy-cli', refresh_token })
  return (await fetch(`${server.url}/oauth2/token`, { method: 'POST', body })).status
}

describe.each([
  { where: 'by the socket of the running server', socket: true },
  { where: 'on the database', socket: false },
])('pixy user, $where', ({ socket }) => {
  it('creates somebody who can sign in, disables and enables them', async () => {
    const installation = await anInstallation({ socket })
    const { at } = installation
    const { user } = await pixyJson<CreatedUser>(
      at(
        'user',
        'create',
        'Ada@example.com',
        '--password-stdin',
        '--given-name',
        'Ada',
        '--claim',
        'level=3',
      ),
      { stdin: `${PASSWORD}\n` },
    )
    expect(user).toMatchObject({
      user_id: expect.stringMatching(/^usr_[A-Za-z0-9]{22}$/),
      username: 'Ada@example.com',
      source: 'pool',
      has_password: true,
      claims: { email: 'Ada@example.com', email_verified: false, given_name: 'Ada', level: 3 },
    })
    expect(await signIn(installation, 'ada@example.com', PASSWORD)).toBe(0)
    expect((await pixy(at('user', 'disable', 'ada@example.com'))).code).toBe(0)
    expect(await signIn(installation, 'ada@example.com', PASSWORD)).toBe(1)
    expect(await pixyJson(at('user', 'enable', user.user_id))).toMatchObject({ enabled: true })
    expect(await signIn(installation, 'ada@example.com', PASSWORD)).toBe(0)
  })

  it('ends tokens when it sets a new password, also for a user of the file', async () => {
    const installation = await anInstallation({ socket })
    const { at, server } = installation
    const login = [
      'login',
      '--headless',
      '--issuer',
      server.url,
      '--username',
      'demo@example.com',
      '--password-stdin',
    ]
    const { tokens } = await pixyJson<{ tokens: { refresh_token: string } }>(login, { stdin: DEMO_PASSWORD })
    const reset = at('user', 'reset-password', 'demo@example.com', '--password-stdin')
    expect((await pixy(reset, { stdin: PASSWORD })).code).toBe(0)
    expect(await refresh(installation, tokens.refresh_token)).toBe(400)
    expect(await signIn(installation, 'demo@example.com', DEMO_PASSWORD)).toBe(1)
    expect(await signIn(installation, 'demo@example.com', PASSWORD)).toBe(0)
  })
})

describe('pixy user', () => {
  it('lists and shows, by name and by id', async () => {
    const { at } = await anInstallation()
    await pixyJson(at('user', 'create', 'bob', '--no-password'))
    const { users } = await pixyJson<{ users: UserView[] }>(at('user', 'list', '--search', 'BO'))
    expect(users.map(({ username }) => username)).toEqual(['bob'])
    expect(await pixyJson(at('user', 'show', users[0]?.user_id ?? ''))).toMatchObject({
      username: 'bob',
      has_password: false,
    })
    expect(await pixyError(1, at('user', 'show', 'nobody'))).toMatchObject({ reason: 'user_unknown' })
  })

  it('holds passwords to the policy', async () => {
    const { at } = await anInstallation()
    const create = at('user', 'create', 'bob', '--password-stdin')
    const error = async (stdin: string) => (await pixyError(1, create, { stdin })).reason
    expect(await error('short')).toBe('password_too_short')
    expect(await error('passwordpassword')).toBe('password_common')
    expect(await error('x'.repeat(2000))).toBe('password_too_long')
  })

  it('takes a password from a file, from a person twice, or makes one and shows it once', async () => {
    const { at } = await anInstallation()
    const file = join(aFolder(), 'password')
    writeFileSync(file, `${PASSWORD}\n`)
    expect((await pixy(at('user', 'create', 'a', '--password-file', file))).code).toBe(0)
    expect((await pixy(at('user', 'create', 'b'), { answers: [PASSWORD, PASSWORD] })).code).toBe(0)
    const made = await pixyJson<CreatedUser & { password: string }>(
      at('user', 'create', 'c', '--generate-password'),
    )
    expect(made.password).toMatch(/^[A-Za-z0-9]{24}$/)

    expect((await pixy(at('user', 'create', 'd'), { answers: [PASSWORD, 'another'] })).err).toContain(
      'differ',
    )
    expect((await pixy(at('user', 'create', 'd'), { answers: [] })).code).toBe(2)
    expect((await pixy(at('user', 'create', 'd'))).err).toContain('--password-stdin')
    expect((await pixy(at('user', 'create', 'd', '--password-stdin'), { stdin: '' })).code).toBe(2)
  })

  it('--if-missing asks for no password of somebody who is there', async () => {
    const { at } = await anInstallation()
    expect(await pixyJson(at('user', 'create', 'demo@example.com', '--if-missing'))).toMatchObject({
      created: false,
    })
    const error = await pixyError(1, at('user', 'create', 'DEMO@example.com', '--no-password'))
    expect(error).toMatchObject({ reason: 'username_taken' })
  })

  it('refuses a source that keeps no users, and claims that are ours', async () => {
    const { at } = await anInstallation()
    const create = at('user', 'create', 'bob', '--no-password')
    expect(await pixyError(1, [...create, '--source', 'nowhere'])).toMatchObject({ reason: 'source_unknown' })
    expect(await pixyError(2, [...create, '--claim', 'sub=usr_other'])).toMatchObject({
      reason: 'input_invalid',
    })
  })

  it('says a password in no output, no log and no database', async () => {
    const { at, server, data } = await anInstallation({ socket: true })
    const { out, err } = await pixy(at('user', 'create', 'bob', '--password-stdin'), { stdin: PASSWORD })
    const bad = await pixy(at('user', 'create', 'bob', '--password-stdin', '--json'), { stdin: PASSWORD })
    expect([out, err, bad.out, bad.err, ...server.logs].join('\n')).not.toContain(PASSWORD)
    const { readFileSync } = await import('node:fs')
    for (const name of ['pixy.db', 'pixy.db-wal']) {
      expect(readFileSync(join(data, name)).includes(PASSWORD)).toBe(false)
    }
  })
})
