import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { FormBrowser } from '../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../testing/src/sign-in.ts'
import type { PasswordHasher } from '../../src/core/ports.ts'
import type { Route } from '../../src/core/serve.ts'
import { dialects } from '../../src/dialects/dialects.ts'
import { CALLBACK, openPage, signIn } from '../support/authorization.ts'
import { quickHasher } from '../support/quick-hasher.ts'
import {
  type Answer,
  basic,
  forEachStore,
  pkce,
  type StartAs,
  s256,
  type TestAs,
} from '../support/test-as.ts'
import { ALICE, BOB, testConfig } from '../support/test-config.ts'

/** Failures for one account that cost nothing; the next one blocks it. */
const FREE = 10
/** The client that is spoken to in every dialect. */
const OLD = 'old'
/** Clients that no dialect is for, and one that is nobody; equally long, since a page repeats its own address. */
const OTHERS = ['strict--', 'secretly', 'disabled', 'dynamic-', 'unknown-'] as const
const SECRET = 'old-secret-0123456789-0123456789'
const VERIFIER = '123456789'
/** An origin of another client in the same workspace. */
const ELSEWHERE = 'https://elsewhere.example'
const hex = (text: string, hash = 'sha256') => createHash(hash).update(text).digest('hex')

const client = {
  client_name: 'Old app',
  redirect_uris: [CALLBACK],
  scope: 'openid profile email offline_access notes:read',
  consent: 'implied' as const,
  first_party: true,
}

const config = testConfig({
  clients: [
    { ...client, client_id: OLD, dialects: ['atm', 'toki', 'tapkey', 'cloudentity'] },
    { ...client, client_id: 'strict--' },
    { ...client, client_id: 'secretly', client_secret: SECRET },
    { ...client, client_id: 'neighbour', redirect_uris: [`${ELSEWHERE}/callback`] },
  ],
})

/** A hasher that is quick and counts how often a password is tried. */
function countingHasher(): PasswordHasher & { tried: number } {
  const hasher = quickHasher()
  const counting = {
    tried: 0,
    hash: hasher.hash,
    verify: (stored: string | null, password: string) => {
      counting.tried += 1
      return hasher.verify(stored, password)
    },
  }
  return counting
}

/** A server with the four kinds of clients that dialects must not tell apart. */
async function begin(start: StartAs, { production = true, hasher = quickHasher() } = {}): Promise<TestAs> {
  const as = await start({ config, production, hasher })
  const { store } = as.server.pixy.deps
  const workspaceId = as.server.pixy.deps.workspaces.list()[0]?.id ?? ''
  const old = await store.clients.find(workspaceId, OLD)
  if (!old) throw new Error('the configuration has no old client')
  const others = [
    { ...old, clientId: 'disabled', disabled: true },
    { ...old, clientId: 'dynamic-', owner: 'dynamic' as const },
  ]
  for (const record of others) expect(await store.clients.insert(record)).toBe(true)
  return as
}

const json = (as: TestAs, path: string, body: Readonly<Record<string, string>>) =>
  as.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** Whatever an answer says, but for its flow id, the time, and the address that was asked for. */
function sayings({ status, headers, text }: Answer) {
  const strip = (value: string) =>
    value.replace(/flow_[A-Za-z0-9]+/g, 'flow_…').replace(/([?;&](?:clientId|client_id)=)[\w-]+/g, '$1…')
  const changing = ['date', 'connection', 'keep-alive']
  return {
    status,
    headers: [...headers].filter(([name]) => !changing.includes(name)).map(([name, v]) => [name, strip(v)]),
    text: strip(text),
  }
}

type Ask = (clientId: string) => Promise<Answer>

const standardWords = (clientId: string) => ({
  client_id: clientId,
  response_type: 'code',
  redirect_uri: CALLBACK,
  scope: 'openid notes:read',
  state: 'some-state',
  code_challenge: s256('x'.repeat(43)),
  code_challenge_method: 'S256',
})

/** What is asked at a dialect's route, in its words and in those of the standard, by method. */
function requestsFor(as: TestAs, path: string, method: string): Readonly<Record<string, Ask>> {
  const code = 'x'.repeat(50)
  const atm = (clientId: string) => ({ clientId, code_challenge: hex(VERIFIER) })
  if (method === 'GET') {
    const get = (words: Record<string, string>, headers = {}) =>
      as.request(`${path}?${new URLSearchParams(words)}`, { headers })
    return {
      'in dialect': (id) => get({ ...atm(id), code_challenge_method: 'SHA256' }),
      'in dialect, SHA512': (id) => get({ ...atm(id), code_challenge_method: 'SHA512' }),
      'in dialect, without a challenge': (id) => get({ clientId: id }),
      'in standard words': (id) => get(standardWords(id)),
      'in standard words, by form_post': (id) => get({ ...standardWords(id), response_mode: 'form_post' }),
      'in standard words, silently': (id) => get({ ...standardWords(id), prompt: 'none' }),
      'with a token': (id) => get(standardWords(id), { authorization: 'Bearer nobody-issued-this' }),
    }
  }
  const bodies: Readonly<Record<string, (id: string) => Record<string, string>>> = {
    'a password': (id) => ({
      ...atm(id),
      code_challenge_method: 'SHA256',
      loginId: ALICE.username,
      password: ALICE.password,
    }),
    'a password that is wrong': (id) => ({
      ...atm(id),
      code_challenge_method: 'SHA256',
      loginId: ALICE.username,
      password: 'x',
    }),
    'a code': (id) => ({
      clientId: id,
      clientSecret: SECRET,
      grant_types: 'authorization_code',
      code,
      code_verifier: VERIFIER,
    }),
    'a refresh token': (id) => ({
      clientId: id,
      refresh_token: code,
      id_token: 'x',
      grantType: 'refresh_token',
    }),
    'a code in standard words': (id) => ({
      client_id: id,
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: pkce().verifier,
    }),
    'a refresh token in standard words': (id) => ({
      client_id: id,
      grant_type: 'refresh_token',
      refresh_token: code,
    }),
    'a grant type that is none': (id) => ({ clientId: id, client_id: id, grant_type: 'x', grantType: 'x' }),
    'nothing but its id': (id) => ({ clientId: id, client_id: id }),
  }
  return Object.fromEntries(
    Object.entries(bodies).flatMap(
      ([what, words]): Array<[string, Ask]> => [
        [`${what} as JSON`, (id) => json(as, path, words(id))],
        [`${what} as a form`, (id) => as.post(path, words(id))],
        [`${what} as a form with a secret`, (id) => as.post(path, { ...words(id), client_secret: SECRET })],
        [`${what} as a form with Basic`, (id) => as.post(path, words(id), basic(id, SECRET))],
        [`${what} as a form from elsewhere`, (id) => as.post(path, words(id), { origin: ELSEWHERE })],
      ],
    ),
  )
}

/** Every route of every dialect, as it stands in their own tables. */
const places = dialects.flatMap(({ routes, prefixes = new Map<string, Route>() }) =>
  [
    ...[...routes].map(([path, route]) => [path, route] as const),
    ...[...prefixes].map(([path, route]) => [`${path}usr_somebody`, route] as const),
  ].flatMap(([path, { methods }]) => Object.keys(methods).map((method) => `${method} ${path}`)),
)

const partsOf = (place: string): readonly [method: string, path: string] => {
  const [method = '', path = ''] = place.split(' ')
  return [method, path]
}

/** A code for the old client by `GET /login`, with the verifier of nine characters. */
async function codeByLogin(as: TestAs): Promise<string> {
  const query = new URLSearchParams({
    clientId: OLD,
    code_challenge: hex(VERIFIER),
    code_challenge_method: 'SHA256',
  })
  const back = await authorizeInBrowser(new FormBrowser(), `${as.issuer}/login?${query}`, CALLBACK, ALICE)
  const code = back.searchParams.get('code')
  if (code === null) throw new Error(`no code: ${back.search}`)
  return code
}

const tryPassword = (as: TestAs, clientId: string, loginId: string, password: string) =>
  json(as, '/auth', {
    clientId,
    loginId,
    password,
    code_challenge: hex(VERIFIER),
    code_challenge_method: 'SHA256',
  })

/** The three doors where a code is exchanged, each in its own words. */
const TOKEN_DOORS: Readonly<
  Record<string, (as: TestAs, clientId: string, code: string, verifier?: string) => Promise<Answer>>
> = {
  'POST /auth/token': (as, clientId, code, verifier) =>
    json(as, '/auth/token', {
      clientId,
      grant_types: 'authorization_code',
      code,
      ...(verifier === undefined ? {} : { code_verifier: verifier }),
    }),
  'POST /connect/token': (as, clientId, code, verifier) =>
    as.post('/connect/token', formOf(clientId, code, verifier)),
  'POST /oauth2/token': (as, clientId, code, verifier) => as.token(formOf(clientId, code, verifier)),
  'POST /oauth2/token, authorization_code=': (as, _clientId, code, verifier) =>
    as.token({ authorization_code: code, ...(verifier === undefined ? {} : { code_verifier: verifier }) }),
}

const formOf = (clientId: string, code: string, verifier: string | undefined) => ({
  client_id: clientId,
  grant_type: 'authorization_code',
  code,
  redirect_uri: CALLBACK,
  ...(verifier === undefined ? {} : { code_verifier: verifier }),
})

/** A refusal that gives nothing away. */
function expectNoTokens(answer: Answer, what?: string): void {
  expect(answer.status, what).toBeGreaterThanOrEqual(400)
  expect(answer.status, what).toBeLessThan(500)
  expect(answer.text, what).not.toMatch(/access_token"|id_token"|refresh_token"/)
}

forEachStore((start) => {
  describe('the routes of dialects, for clients that they are not for', () => {
    it('are those of the four systems', () => {
      expect(places).toEqual(
        expect.arrayContaining([
          'GET /login',
          'POST /auth',
          'POST /auth/token',
          'GET /auth/.well-known/jwks.json',
          'GET /connect/authorize',
          'POST /connect/token',
          'GET /api/v1/auth/auth/userinfo',
          'GET /userinfo/usr_somebody',
        ]),
      )
    })

    it.each(places)('%s answers alike to strict, disabled, dynamic and unknown ones', async (place) => {
      const as = await begin(start)
      const [method, path] = partsOf(place)
      for (const [what, ask] of Object.entries(requestsFor(as, path, method))) {
        const unknown = sayings(await ask('unknown-'))
        expect(unknown.status, what).toBeLessThan(500)
        for (const id of OTHERS) expect(sayings(await ask(id)), `${what}: ${id}`).toEqual(unknown)
      }
    })

    it.each([
      'GET /login',
      'POST /auth',
      'POST /auth/token',
      'GET /connect/authorize',
      'POST /connect/token',
    ])('%s does answer otherwise to a client of the dialect', async (place) => {
      const as = await begin(start)
      const [method, path] = partsOf(place)
      const differs: string[] = []
      for (const [what, ask] of Object.entries(requestsFor(as, path, method))) {
        const [own, other] = [sayings(await ask(OLD)), sayings(await ask('unknown-'))]
        if (own.status !== other.status || own.text !== other.text) differs.push(what)
      }
      expect(differs).not.toEqual([])
    })

    it.each(['/userinfo/', '/api/v1/auth/auth/userinfo'])(
      'GET %s… serves no token of a strict or a dynamic client',
      async (path) => {
        const as = await begin(start)
        const ask = async (id: string) => {
          const { access_token, id_token } = await as.login({ client: id })
          const { sub } = JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString())
          const at = path.endsWith('/') ? path + sub : path
          return as.request(at, { headers: { authorization: `Bearer ${access_token}` } })
        }
        const strict = await ask('strict--')
        expect(strict.status).toBeGreaterThanOrEqual(400)
        expect(strict.text).not.toContain(ALICE.username)
        expect(sayings(await ask('dynamic-'))).toEqual(sayings(strict))
        if (path === '/userinfo/') expect((await ask(OLD)).status).toBe(200)
      },
    )

    it('POST /oauth2/token with authorization_code= says the same of a code of theirs and of none', async () => {
      const as = await begin(start)
      const ask = (code: string, verifier: string) =>
        as.token({ authorization_code: code, code_verifier: verifier })
      const none = sayings(await ask('x'.repeat(50), pkce().verifier))
      expect(none.status).toBe(400)
      for (const id of ['strict--', 'dynamic-']) {
        const authorized = await as.authorize({ client: id })
        expect(sayings(await ask(authorized.code, authorized.verifier)), id).toEqual(none)
        expect((await as.redeem(authorized)).status, id).toBe(200)
      }
    })
  })

  describe('POST /auth and users', () => {
    it('tells a known user from an unknown one by nothing', async () => {
      const as = await begin(start)
      const { store, workspaces } = as.server.pixy.deps
      const workspaceId = workspaces.list()[0]?.id ?? ''
      const bob = await store.users.findByUsername(workspaceId, 'pool', BOB.username)
      if (!bob) throw new Error('the configuration has no Bob')
      const at = as.server.clock.now()
      const gone = { ...bob, userId: 'usr_gone', username: 'gone@x.example', usernameKey: 'gone@x.example' }
      expect(await store.users.insert({ ...gone, enabled: false, updatedAt: at })).toBe(true)

      const known = await tryPassword(as, OLD, ALICE.username, 'a wrong guess')
      expect(known.status).toBeGreaterThanOrEqual(400)
      expect(known.status).toBeLessThan(500)
      const others: ReadonlyArray<readonly [string, string]> = [
        ['nobody@example.com', 'a wrong guess'],
        ['nobody', 'a wrong guess'],
        [BOB.username, ALICE.password],
        [gone.username, BOB.password],
        [gone.username, 'a wrong guess'],
        ['x'.repeat(500), 'a wrong guess'],
      ]
      for (const [loginId, password] of others) {
        const answer = await tryPassword(as, OLD, loginId, password)
        expect(sayings(answer), loginId).toEqual(sayings(known))
        expect(answer.headers.getSetCookie(), loginId).toEqual([])
      }
      expect((await tryPassword(as, OLD, ALICE.username, ALICE.password)).status).toBe(200)
    })

    it('blocks known and unknown users alike, after as many failures', async () => {
      const as = await begin(start)
      as.server.clock.stop()
      const statuses = async (loginId: string) => {
        const answers: unknown[] = []
        for (let i = 0; i <= FREE + 1; i++)
          answers.push(sayings(await tryPassword(as, OLD, loginId, 'a wrong guess')))
        return answers
      }
      const known = await statuses(ALICE.username)
      expect(known.at(-1)).toMatchObject({ status: 429 })
      expect(await statuses('nobody@example.com')).toEqual(known)
    })
  })

  describe('POST /auth and the throttle of the sign-in page', () => {
    it.each([
      ['all at /auth', FREE + 1, 0],
      ['all on the page', 0, FREE + 1],
      ['some at /auth, some on the page', 6, FREE + 1 - 6],
    ])('counts failures together: %s', async (_where, atDoor, onPage) => {
      const as = await begin(start)
      as.server.clock.stop()
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'strict--' })
      const onSignIn = async (password: string) =>
        (await signIn(browser, page, { username: ALICE.username, password })).page
      for (let i = 0; i < atDoor; i++) {
        const { status } = await tryPassword(as, OLD, ALICE.username, 'a wrong guess')
        expect([400, 401, 403], `try ${i}`).toContain(status)
      }
      for (let i = 0; i < onPage; i++) expect((await onSignIn('a wrong guess')).status).toBe(401)

      const door = await tryPassword(as, OLD, ALICE.username, ALICE.password)
      const shown = await onSignIn(ALICE.password)
      expect([door.status, shown.status]).toEqual([429, 429])
      expect(door.headers.get('retry-after')).toBe('2')
      expect(door.text).not.toContain('"code"')

      as.advance(2)
      expect((await tryPassword(as, OLD, ALICE.username, ALICE.password)).status).toBe(200)
    })

    it('tries no password for a client that the dialect is not for, and counts nothing', async () => {
      const hasher = countingHasher()
      const as = await begin(start, { hasher })
      const { throttles } = as.server.pixy.deps.store
      const asked = [vi.spyOn(throttles, 'find'), vi.spyOn(throttles, 'fail'), vi.spyOn(throttles, 'clear')]
      for (const id of OTHERS) {
        for (const password of [ALICE.password, 'a wrong guess']) {
          for (let i = 0; i < FREE + 2; i++) {
            const answer = await tryPassword(as, id, ALICE.username, password)
            expect(answer.status, id).toBe(400)
          }
        }
      }
      expect(hasher.tried).toBe(0)
      for (const spy of asked) expect(spy).not.toHaveBeenCalled()

      await tryPassword(as, OLD, ALICE.username, 'a wrong guess')
      expect(hasher.tried).toBe(1)
      expect(asked[1]).toHaveBeenCalled()
    })
  })

  describe('PKCE, which no dialect weakens for others (RFC 7636 §4.6, RFC 9700 §4.8.2)', () => {
    const BAD = {
      'nine characters': VERIFIER,
      'forty-two characters': 'x'.repeat(42),
      'its challenge': 'challenge',
      'its digest in hex': 'hex',
      'another verifier': pkce().verifier,
      nothing: undefined,
    } as const
    const spelled = (how: string | undefined, verifier: string) =>
      how === 'challenge' ? s256(verifier) : how === 'hex' ? hex(verifier) : how

    it.each(Object.keys(TOKEN_DOORS))('%s takes only the verifier for a strict client', async (name) => {
      const as = await begin(start)
      const door = TOKEN_DOORS[name]
      if (!door) throw new Error(`no door ${name}`)
      const authorized = await as.authorize({ client: 'strict--' })
      for (const [what, how] of Object.entries(BAD))
        expectNoTokens(await door(as, 'strict--', authorized.code, spelled(how, authorized.verifier)), what)
      // A dialect's own door takes not even the right one, and none of them has burnt the code.
      if (name !== 'POST /oauth2/token')
        expectNoTokens(await door(as, 'strict--', authorized.code, authorized.verifier))
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it.each(Object.keys(TOKEN_DOORS))(
      '%s keeps S256 for a code that a client of the dialect got at /oauth2/authorize',
      async (name) => {
        const as = await begin(start)
        const door = TOKEN_DOORS[name]
        if (!door) throw new Error(`no door ${name}`)
        const authorized = await as.authorize({ client: OLD })
        for (const [what, how] of Object.entries(BAD))
          expectNoTokens(await door(as, OLD, authorized.code, spelled(how, authorized.verifier)), what)
        expect((await as.redeem(authorized)).status).toBe(200)
      },
    )

    it.each(Object.keys(TOKEN_DOORS))(
      '%s takes no verifier that is short or long, though it matches a challenge by S256',
      async (name) => {
        const as = await begin(start)
        const door = TOKEN_DOORS[name]
        if (!door) throw new Error(`no door ${name}`)
        for (const id of [OLD, 'strict--']) {
          for (const verifier of [VERIFIER, 'x'.repeat(42), 'x'.repeat(129)]) {
            const parameters = { code_challenge: s256(verifier) }
            const { code } = await as.authorize({ client: id, parameters })
            expectNoTokens(await door(as, id, code, verifier), `${id}, ${verifier.length} characters`)
          }
        }
      },
    )

    it.each([
      ['hex SHA-256', hex(VERIFIER), 'SHA256'],
      ['hex SHA-512', hex(VERIFIER, 'sha512'), 'SHA512'],
      ['hex called S256', hex(VERIFIER), 'S256'],
      ['the verifier itself', VERIFIER, 'plain'],
      ['no method', s256(pkce().verifier), undefined],
      ['the right digest under another name', s256(pkce().verifier), 'SHA256'],
      ['short', 'abc', 'S256'],
      ['none', undefined, undefined],
    ])(
      'takes no challenge but S256 at a standard door, of no client: %s',
      async (_what, challenge, method) => {
        const as = await begin(start)
        for (const id of [OLD, 'strict--', 'dynamic-']) {
          for (const path of ['/oauth2/authorize', '/connect/authorize']) {
            const { code_challenge: _, code_challenge_method: _method, ...words } = standardWords(id)
            const query = new URLSearchParams(words)
            if (challenge !== undefined) query.set('code_challenge', challenge)
            if (method !== undefined) query.set('code_challenge_method', method)
            const answer = await as.request(`${path}?${query}`)
            const location = URL.parse(answer.headers.get('location') ?? '')
            const refused = location ? location.searchParams.get('error') : answer.status
            expect([400, 'invalid_request'], `${id} ${path}`).toContain(refused)
          }
        }
      },
    )

    it('lets a code of GET /login be exchanged at POST /auth/token alone, by its verifier alone', async () => {
      const as = await begin(start)
      const code = await codeByLogin(as)
      const challenge = hex(VERIFIER)
      const verifiers = [VERIFIER, challenge, s256(VERIFIER), s256(challenge), 'x'.repeat(43), undefined]
      for (const name of Object.keys(TOKEN_DOORS)) {
        const door = TOKEN_DOORS[name]
        if (!door) throw new Error(`no door ${name}`)
        const wrong = name === 'POST /auth/token' ? verifiers.slice(1) : verifiers
        for (const verifier of wrong)
          for (const id of [OLD, 'strict--', 'dynamic-'])
            expectNoTokens(await door(as, id, code, verifier), `${name} ${id} ${verifier}`)
      }
      const right = await TOKEN_DOORS['POST /auth/token']?.(as, OLD, code, VERIFIER)
      expect(right?.status, right?.text).toBe(200)
    })
  })
})
