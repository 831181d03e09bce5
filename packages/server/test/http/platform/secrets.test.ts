import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormBrowser, readForm } from '../../../../testing/src/browser.ts'
import { startTestServer } from '../../../src/test-server.ts'
import { ASSERTION_TYPE, assertion, foreignKey } from '../../support/jwt.ts'
import {
  type AsOptions,
  basic,
  forEachStore,
  type StartAs,
  type TestAs,
  type Tokens,
} from '../../support/test-as.ts'
import { ALICE, SECOND_SECRET, testConfig, WEB_SECRET } from '../../support/test-config.ts'

const MASTER = 'the master secret of this test, which nobody may find'
const NEW_PASSWORD = 'a password that was chosen at sign-up'
const TYPED_PASSWORD = 'a wrong password somebody typed'
const TYPED_AS_NAME = 'a password typed as a username'
const redirect_uris = ['https://app.example/callback']
const key = await foreignKey('ES256', 'es')

const config = testConfig({
  clients: [
    {
      client_id: 'keyed',
      redirect_uris,
      grant_types: ['client_credentials'],
      jwks: { keys: [key.jwk as Record<string, string>] },
    },
    { client_id: 'implied-opaque', redirect_uris, consent: 'implied', access_token_format: 'opaque' },
  ],
})

/** Everything that opens something, by what it is. */
type Secrets = Map<string, string>

/** Logins, refreshes, errors and mistakes of every kind; resolves with all that was secret in them. */
async function live(as: TestAs): Promise<Secrets> {
  const secrets: Secrets = new Map([
    ['master secret', MASTER],
    ['client secret', WEB_SECRET],
    ['second client secret', SECOND_SECRET],
    ['password', ALICE.password],
    ['chosen password', NEW_PASSWORD],
    ['wrong password', TYPED_PASSWORD],
    ['password typed as a name', TYPED_AS_NAME],
  ])
  const keep = (what: string, value: string | null | undefined) => {
    if (!value) throw new Error(`no ${what}`)
    secrets.set(what, value)
    return value
  }
  const keepTokens = (what: string, { access_token, refresh_token, id_token }: Tokens) => {
    keep(`${what} access token`, access_token)
    if (refresh_token) keep(`${what} refresh token`, refresh_token)
    if (id_token) keep(`${what} ID token`, id_token)
  }
  const web = basic('web', WEB_SECRET)
  const { origin } = new URL(as.issuer)

  // Login by every kind of client, with the pages' own secrets.
  const browser = new FormBrowser()
  const page = (await browser.follow(await browser.visit(as.authorizationUrl().url), () => false)).visit
  keep('CSRF token', readForm(page).values.find(([name]) => name === 'csrf')?.[1])
  await browser.submit(page, [
    ['username', ALICE.username],
    ['password', TYPED_PASSWORD],
  ])
  await browser.submit(page, [
    ['username', TYPED_AS_NAME],
    ['password', TYPED_PASSWORD],
  ])
  const authorized = await as.authorize({ browser })
  keep('code', authorized.code)
  keep('code_verifier', authorized.verifier)
  const first = (await as.redeem(authorized)).json as unknown as Tokens
  keepTokens('first', first)
  keepTokens('opaque', await as.login({ browser, client: 'implied-opaque' }))
  keepTokens('confidential', await as.login({ browser, client: 'web' }, { client_id: null }, web))
  const unused = await as.authorize({ browser })
  keep('unused code', unused.code)
  for (const [name, value] of browser.cookies(origin)) if (name !== 'pixy_lang') keep(`cookie ${name}`, value)
  const second = (await as.refresh(first.refresh_token)).json as unknown as Tokens
  keepTokens('second', second)
  await as.refresh(first.refresh_token)
  const jwt = keep('client assertion', await assertion(as, key, 'keyed'))
  const machine = {
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: jwt,
  }
  keepTokens('machine', (await as.token(machine)).json as unknown as Tokens)
  await as.token(machine)

  // Someone signs up.
  const newcomer = new FormBrowser()
  const create = await newcomer.follow(
    await newcomer.visit(as.authorizationUrl({ parameters: { prompt: 'create' } }).url),
    () => false,
  )
  await newcomer.submit(create.visit, [
    ['username', 'new@example.com'],
    ['name', 'New'],
    ['password', NEW_PASSWORD],
    ['password_confirm', NEW_PASSWORD],
  ])
  for (const [name, value] of newcomer.cookies(origin))
    if (name !== 'pixy_lang') keep(`newcomer’s cookie ${name}`, value)

  // Use, introspection, revocation, logout.
  await as.userinfo(second.access_token)
  await as.post('/userinfo', { access_token: second.access_token })
  for (const token of [second.access_token, second.refresh_token, first.refresh_token]) {
    await as.post('/oauth2/introspect', { token }, web)
    await as.post('/oauth2/revoke', { token, client_id: 'spa-two' })
  }

  // What people do wrong: secrets in URLs, under other names, in other encodings, in other places.
  const { code, verifier } = unused
  const json = (body: unknown) =>
    as.request('/oauth2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await json({ code, code_verifier: verifier, client_secret: WEB_SECRET, grant_type: 'authorization_code' })
  await json({ refresh_token: second.refresh_token })
  await json([code])
  await as.token({
    grant_type: 'authorization_code',
    authorization_code: code,
    codeVerifier: verifier,
    clientId: 'spa',
  })
  await as.token({ grant_type: 'authorization_code', client_id: 'spa', auth_code: code, verifier })
  await as.token({
    grant_type: 'refresh_token',
    client_id: 'spa',
    refreshToken: second.refresh_token,
    secret: WEB_SECRET,
  })
  await as.token({
    grant_type: 'password',
    client_id: 'spa',
    username: ALICE.username,
    password: ALICE.password,
    passwd: ALICE.password,
  })
  await as.token({ grant_type: code, client_id: 'spa' })
  await as.token({ grant_type: 'client_credentials', client_id: 'web-post', clientSecret: WEB_SECRET })
  await as.token({ grant_type: 'client_credentials', client_id: 'web-post', client_secret: `${WEB_SECRET}x` })
  await as.token({ grant_type: 'client_credentials' }, { authorization: `Basic ${WEB_SECRET}` })
  await as.token({ grant_type: 'client_credentials' }, { authorization: `Bearer ${second.access_token}` })
  await as.post(`/oauth2/token?code=${code}&client_secret=${WEB_SECRET}`, {})
  await as.request(`/oauth2/token?code=${code}`)
  await as.request(`/oauth2/token/${code}`)
  await as.request(`/${second.refresh_token}`)
  await as.request(`/userinfo?access_token=${second.access_token}&token=${second.access_token}`)
  await as.request(
    `/oauth2/authorize?client_id=spa&code=${code}&access_token=${second.access_token}&id_token=${second.id_token}`,
  )
  await as.request(
    as.authorizationUrl({
      parameters: { id_token_hint: second.id_token, login_hint: ALICE.username, password: ALICE.password },
    }).url,
  )
  await as.request(as.authorizationUrl({ parameters: { request: second.id_token } }).url)
  await as.request(`/oauth2/logout?id_token_hint=${second.id_token}x&token=${second.access_token}`)
  await as.request(`/oauth2/logout?${new URLSearchParams({ id_token: second.id_token })}`)
  await as.userinfo(`${second.access_token}x`)
  await as.refresh(`${second.refresh_token}x`)
  await as.redeem({ ...unused, code: `${code}x` })
  await as.redeem({ ...unused, verifier: `${verifier}x` })
  await as.redeem(unused, { redirect_uri: `https://app.example/callback?code=${code}&state=x` })
  await as.post('/sign-in?flow=flow_x', {
    username: ALICE.username,
    password: ALICE.password,
    pass: ALICE.password,
  })
  await browser.visit(`${as.issuer}/oauth2/logout?id_token_hint=${first.id_token}`)
  await as.server.pixy.flowLog.flush()
  return secrets
}

/** The forms in which a secret might have been written down. */
function spellings(secret: string): ReadonlyArray<readonly [string, string]> {
  const bytes = Buffer.from(secret)
  // Of a JWT header and payload tell nothing that is secret: the signature is what opens.
  const text = secret.startsWith('eyJ') ? (secret.split('.')[2] ?? secret) : secret
  return [
    ['as it is', text],
    ['form-encoded', new URLSearchParams([['', text]]).toString().slice(1)],
    ['percent-encoded', encodeURIComponent(text)],
    ['half of it', text.slice(0, Math.max(24, Math.ceil(text.length / 2)))],
    ['base64', bytes.toString('base64').replace(/=+$/, '')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
  ]
}

function findAll(haystacks: ReadonlyMap<string, string>, secrets: Secrets): readonly string[] {
  const found: string[] = []
  for (const [place, text] of haystacks) {
    for (const [what, secret] of secrets) {
      for (const [how, spelling] of spellings(secret))
        if (text.includes(spelling)) found.push(`${what} (${how}) in ${place}`)
    }
  }
  return [...new Set(found)]
}

/** The files of a database, as text with one character a byte. */
const filesOf = (folder: string) =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))

const start = async (starter: StartAs, folder: string, options: AsOptions = {}) =>
  starter({ database: `sqlite:${join(folder, 'pixy.db')}`, secret: MASTER, config, ...options })

forEachStore((starter) => {
  describe.each([
    ['development', false],
    ['production', true],
  ])('what is written down in %s (A5 11.4, 13.3, 16.2.5)', (_mode, production) => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pixy-secrets-'))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    it('ST-01, LOG-01: after all flows no file and no log line holds a code, token, cookie, secret, password or key', async () => {
      const as = await start(starter, folder, { production })
      const secrets = await live(as)
      expect(secrets.size).toBeGreaterThan(25)
      const { store } = as.server.pixy.deps
      const events = await store.flowEvents.list(null, 500)
      expect(events.length).toBeGreaterThan(20)
      const open = filesOf(folder)
      expect([...open.keys()].sort()).toEqual(['pixy.db', 'pixy.db-shm', 'pixy.db-wal'])
      await store.backup(join(folder, 'copy.db'))
      const places = new Map([
        ...open,
        ['backup', readFileSync(join(folder, 'copy.db'), 'latin1')],
        ['log', as.server.logs.join('\n')],
        ['flow events', JSON.stringify(events)],
      ])
      expect(findAll(places, secrets)).toEqual([])
      for (const [place, text] of places) expect(text, place).not.toMatch(/-----BEGIN|PRIVATE KEY/)
      for (const { privateSealed } of await store.keys.list(
        as.server.pixy.deps.workspaces.list()[0]?.id ?? '',
      ))
        expect(privateSealed).toMatch(/^v1\.[0-9a-f]{12}\.[A-Za-z0-9_-]+$/)

      // The search itself is sound: what may be stored is found.
      expect(
        [...places.values()].filter((text) => text.includes('alice@example.com')).length,
      ).toBeGreaterThan(0)

      const lines = as.server.logs
      expect(lines.length).toBeGreaterThan(10)
      for (const line of lines) {
        // A redirect URI is shown with its query, as a value that is wrong; the URL of a request never is.
        const {
          received: _,
          expected: _expected,
          fix: _fix,
          ...rest
        } = JSON.parse(line) as Record<string, unknown>
        expect(JSON.stringify(rest)).not.toMatch(
          /[?&](?:code|state|client_id|access_token|id_token_hint|flow|password)=/,
        )
        for (const name of ['cookie', 'authorization', 'body', 'query', 'url', 'headers', 'req', 'res'])
          expect(rest).not.toHaveProperty(name)
      }
    })

    it('ST-02: without the master secret nothing that was sealed opens, and the server says so instead of starting', async () => {
      const options = { config, database: `sqlite:${join(folder, 'pixy.db')}`, production }
      await expect(
        startTestServer({ ...options, secret: 'another master secret altogether' }),
      ).rejects.toThrow(/master secret|PIXY_SECRET/)
      const again = await startTestServer({ ...options, secret: MASTER })
      await again.close()
    })
  })

  describe('the log (A5 16.4.1)', () => {
    it('LOG-02: line breaks and escapes in whatever a stranger sends forge no line', async () => {
      const as = await starter()
      const forged = '{"level":30,"msg":"forged by a stranger"}'
      const evil = [
        `x\r\n${forged}\r\n`,
        `x\n${forged}`,
        `x\r${forged}`,
        `x\u2028${forged}`,
        `x"}\n${forged}`,
        `\u001b[2J${forged}`,
        `x\\n${forged}`,
      ]
      for (const text of evil) {
        await as.token({ grant_type: text, client_id: 'spa' })
        await as.token({ grant_type: 'refresh_token', refresh_token: text, client_id: 'spa' })
        await as.token({ grant_type: 'client_credentials', client_id: text, client_secret: text })
        await as.token({ grant_type: 'authorization_code', code: text, client_id: 'spa', [text]: text })
        await as.token({ grant_type: 'client_credentials' }, basic(encodeURIComponent(text), 'x'))
        await as.userinfo(encodeURIComponent(text))
        await as.request(`/${encodeURIComponent(text)}`)
        await as.request('/oauth2/token', {
          method: 'POST',
          headers: { 'content-type': `text/${encodeURIComponent(text).slice(0, 50)}` },
          body: text,
        })
        for (const name of [
          'client_id',
          'redirect_uri',
          'scope',
          'prompt',
          'response_type',
          'max_age',
          'resource',
          'display',
          'claims',
          'ui_locales',
        ]) {
          await as.request(as.authorizationUrl({ parameters: { [name]: text } }).url)
        }
        await as.request(`/oauth2/logout?${new URLSearchParams({ client_id: text, state: text })}`)
      }
      expect(as.server.logs.length).toBeGreaterThan(30)
      for (const line of as.server.logs) {
        for (const character of ['\r', '\n', '\u001b']) expect(line).not.toContain(character)
        const entry = JSON.parse(line) as Record<string, unknown>
        expect(entry.msg).not.toContain('forged')
      }
    })
  })
})
