import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorizeInBrowser, FormBrowser, pageName } from '../../packages/testing/src/index.ts'
import { type Family, Ledger, type PendingCode } from './ledger.ts'
import { ServerProcess } from './server-process.ts'

export interface KillOptions {
  readonly cycles: number
  readonly workers: number
  /** Load before each kill: a random part of this many milliseconds. */
  readonly longest: number
}

export interface KillReport {
  readonly counts: Ledger['counts']
  /** What the ledger says must be, and is not. Empty when all is well. */
  readonly violations: readonly string[]
  readonly slowestStart: number
}

const CALLBACK = 'https://app.example/callback'
const USERS = 4
const SAMPLE = 40

/**
 * Kills the server with SIGKILL at random instants while clients log in, refresh, revoke and sign up; starts it again on
 * the same data, and compares with the ledger: no acknowledged user, grant or token is lost, no revocation forgotten, no
 * code used twice.
 */
export async function killRepeatedly(options: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-kill-'))
  const port = await freePort()
  const configFile = join(folder, 'config.json')
  writeFileSync(configFile, JSON.stringify(configOf(port)))
  const server = new ServerProcess({ configFile, dataFolder: join(folder, 'data'), port })
  const run = new Run(`http://localhost:${port}`)
  let slowestStart = 0
  try {
    await server.start()
    await run.signInEverybody()
    for (let cycle = 0; cycle < options.cycles; cycle++) {
      run.loading = true
      const load = Promise.all(Array.from({ length: options.workers }, () => run.work()))
      await pause(150 + Math.random() * options.longest)
      await server.kill()
      run.loading = false
      run.ledger.counts.kills += 1
      await load
      slowestStart = Math.max(slowestStart, await server.start())
      await run.check()
    }
    await run.checkEverything()
  } finally {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return { counts: run.ledger.counts, violations: run.violations, slowestStart }
}

class Run {
  readonly ledger = new Ledger()
  readonly violations: string[] = []
  loading = false
  readonly #issuer: string
  readonly #browsers: FormBrowser[] = []
  #names = 0

  constructor(issuer: string) {
    this.#issuer = issuer
  }

  async signInEverybody(): Promise<void> {
    for (let index = 0; index < USERS; index++) {
      const browser = new FormBrowser()
      await authorizeInBrowser(
        browser,
        this.#authorizationUrl(randomBytes(32).toString('base64url')),
        CALLBACK,
        personOf(index),
        { remember: true },
      )
      this.#browsers.push(browser)
    }
  }

  /** One client: works until the server is gone. */
  async work(): Promise<void> {
    while (this.loading) {
      try {
        await this.#step()
      } catch {
        // The answer did not come: what was under way stays marked as pending.
        this.ledger.counts.unanswered += 1
        if (this.loading) await pause(5)
      }
    }
  }

  async #step(): Promise<void> {
    const dice = Math.random()
    const families = this.ledger.live()
    const family = families[Math.floor(Math.random() * families.length)]
    if (dice < 0.5 || !family) return this.#logIn(Math.floor(Math.random() * USERS))
    if (dice < 0.85) return this.#refresh(family)
    if (dice < 0.97) return this.#revoke(family)
    return this.#signUp()
  }

  async #logIn(index: number): Promise<void> {
    const browser = this.#browsers[index]
    if (!browser) return
    const verifier = randomBytes(32).toString('base64url')
    const visit = await browser.visit(this.#authorizationUrl(verifier))
    const code = URL.parse(visit.headers.get('location') ?? '')?.searchParams.get('code')
    if (!code) throw new Error(`no code: ${visit.status}`)
    const pending: PendingCode = { user: personOf(index).username, code, verifier }
    this.ledger.pendingCodes.push(pending)
    const tokens = await this.#redeem(pending)
    this.#forgetPending(pending)
    if (tokens) this.#remember(pending, tokens)
    else this.#violation(`a fresh code was refused`)
    this.ledger.counts.logins += 1
  }

  async #refresh(family: Family): Promise<void> {
    family.pending = 'refresh'
    const answer = await this.#token({
      grant_type: 'refresh_token',
      refresh_token: family.refreshToken,
      client_id: 'app',
    })
    if (answer.status !== 200) this.#violation(`a live refresh token was refused: ${answer.text}`)
    else this.#store(family, answer.json)
    family.pending = null
    this.ledger.counts.refreshes += 1
  }

  async #revoke(family: Family): Promise<void> {
    family.pending = 'revoke'
    const answer = await this.#post('/oauth2/revoke', { token: family.refreshToken, client_id: 'app' })
    if (answer.status !== 200) throw new Error(`revocation: ${answer.status}`)
    family.revoked = true
    family.pending = null
    this.ledger.counts.revocations += 1
  }

  async #signUp(): Promise<void> {
    this.#names += 1
    const person = {
      username: `new${this.#names}@example.com`,
      password: `a long password of ${randomBytes(6).toString('hex')}`,
    }
    const browser = new FormBrowser()
    const page = await browser.follow(
      await browser.visit(`${this.#authorizationUrl(randomBytes(32).toString('base64url'))}&prompt=create`),
      () => false,
    )
    if (pageName(page.visit) !== 'sign-up') throw new Error(`no sign-up page: ${page.visit.status}`)
    const answer = await browser.submit(page.visit, [
      ['username', person.username],
      ['password', person.password],
      ['password_confirm', person.password],
    ])
    if (answer.status !== 303) throw new Error(`sign-up: ${answer.status}`)
    this.ledger.users.push(person)
    this.ledger.counts.signUps += 1
  }

  /** After a restart: everything in doubt is settled, and a sample of the facts is looked at. */
  async check(): Promise<void> {
    for (const pending of this.ledger.pendingCodes.splice(0)) {
      const tokens = await this.#redeem(pending)
      if (tokens) this.#remember(pending, tokens)
    }
    for (const family of this.ledger.families) {
      if (family.pending === 'refresh') await this.#settleRefresh(family)
      if (family.pending === 'revoke') await this.#settleRevocation(family)
    }
    await this.#checkLive(sample(this.ledger.live(), SAMPLE))
    await this.#checkRevoked(
      sample(
        this.ledger.families.filter((family) => family.revoked),
        SAMPLE,
      ),
    )
    await this.#checkUsers(this.ledger.users.slice(-2))
  }

  /** At the end: all facts, and every code is presented once more. */
  async checkEverything(): Promise<void> {
    await this.#checkLive(this.ledger.live())
    await this.#checkRevoked(this.ledger.families.filter((family) => family.revoked))
    await this.#checkUsers(this.ledger.users)
    for (const family of this.ledger.families) {
      this.ledger.counts.checks += 1
      if (await this.#redeem(family)) this.#violation('a code was redeemed twice')
      const answer = await this.#userinfo(family.accessToken)
      if (answer.status !== 401) this.#violation(`a token outlived the replay of its code: ${answer.status}`)
    }
  }

  /** A refresh without an answer is sent again: the predecessor gets its successor, within the window. */
  async #settleRefresh(family: Family): Promise<void> {
    const answer = await this.#token({
      grant_type: 'refresh_token',
      refresh_token: family.refreshToken,
      client_id: 'app',
    })
    if (answer.status === 200) this.#store(family, answer.json)
    else this.#violation(`a retried refresh logged the user out: ${answer.text}`)
    family.pending = null
  }

  async #settleRevocation(family: Family): Promise<void> {
    const answer = await this.#post('/oauth2/revoke', { token: family.refreshToken, client_id: 'app' })
    if (answer.status !== 200) this.#violation(`a repeated revocation failed: ${answer.status}`)
    family.revoked = true
    family.pending = null
  }

  async #checkLive(families: readonly Family[]): Promise<void> {
    for (const family of families) {
      this.ledger.counts.checks += 1
      const answer = await this.#userinfo(family.accessToken)
      if (answer.status !== 200)
        this.#violation(`an acknowledged token is dead: ${answer.status} ${answer.text}`)
    }
  }

  async #checkRevoked(families: readonly Family[]): Promise<void> {
    for (const family of families) {
      this.ledger.counts.checks += 1
      const answer = await this.#userinfo(family.accessToken)
      if (answer.status !== 401) this.#violation(`a revoked token lives: ${answer.status}`)
      const refresh = await this.#token({
        grant_type: 'refresh_token',
        refresh_token: family.refreshToken,
        client_id: 'app',
      })
      if (refresh.status !== 400) this.#violation(`a revoked refresh token works: ${refresh.status}`)
    }
  }

  async #checkUsers(users: Ledger['users']): Promise<void> {
    for (const person of users) {
      this.ledger.counts.checks += 1
      try {
        await authorizeInBrowser(
          new FormBrowser(),
          this.#authorizationUrl(randomBytes(32).toString('base64url')),
          CALLBACK,
          person,
        )
      } catch (error) {
        this.#violation(`an acknowledged user cannot sign in: ${String(error)}`)
      }
    }
  }

  async #redeem({ code, verifier }: PendingCode): Promise<Record<string, unknown> | undefined> {
    const answer = await this.#token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: CALLBACK,
      client_id: 'app',
    })
    if (answer.status === 200) return answer.json
    if (answer.status !== 400) throw new Error(`the token endpoint answers ${answer.status}`)
    return undefined
  }

  #remember({ user, code, verifier }: PendingCode, tokens: Record<string, unknown>): void {
    this.ledger.families.push({
      user,
      code,
      verifier,
      accessToken: String(tokens.access_token),
      refreshToken: String(tokens.refresh_token),
      pending: null,
      revoked: false,
    })
  }

  #store(family: Family, tokens: Record<string, unknown>): void {
    family.accessToken = String(tokens.access_token)
    family.refreshToken = String(tokens.refresh_token)
  }

  #forgetPending(pending: PendingCode): void {
    const index = this.ledger.pendingCodes.indexOf(pending)
    if (index !== -1) this.ledger.pendingCodes.splice(index, 1)
  }

  #violation(text: string): void {
    this.violations.push(`after ${this.ledger.counts.kills} kills: ${text}`)
  }

  #authorizationUrl(verifier: string): string {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'app',
      redirect_uri: CALLBACK,
      scope: 'openid offline_access',
      state: 'state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    return `${this.#issuer}/oauth2/authorize?${query}`
  }

  #token(form: Record<string, string>) {
    return this.#post('/oauth2/token', form)
  }

  #userinfo(accessToken: string) {
    return this.#request('/userinfo', { headers: { authorization: `Bearer ${accessToken}` } })
  }

  #post(path: string, form: Record<string, string>) {
    return this.#request(path, { method: 'POST', body: new URLSearchParams(form) })
  }

  async #request(path: string, init: RequestInit) {
    const response = await fetch(this.#issuer + path, init)
    const text = await response.text()
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    return { status: response.status, text, json }
  }
}

function configOf(port: number) {
  return {
    url: `http://localhost:${port}`,
    tenants: [
      {
        id: 'faults',
        name: 'Faults',
        workspaces: [
          {
            id: 'main',
            name: 'Faults',
            path: '/',
            signing_algs: ['ES256'],
            sign_up: 'open',
            identity_sources: [{ id: 'pool', type: 'pool' }],
            clients: [
              {
                client_id: 'app',
                redirect_uris: [CALLBACK],
                consent: 'implied',
                // Restarts take a while on a busy machine; the window is not what is tested here.
                refresh_token: {
                  policy: 'rotate',
                  idle_lifetime: 2_592_000,
                  absolute_lifetime: 7_776_000,
                  retry_window: 300,
                },
                access_token_lifetime: 3600,
              },
            ],
            users: Array.from({ length: USERS }, (_, index) => ({ source: 'pool', ...personOf(index) })),
          },
        ],
      },
    ],
  }
}

function personOf(index: number) {
  return { username: `user${index}@example.com`, password: `the password of user ${index}` }
}

function sample<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, () => items[Math.floor(Math.random() * items.length)] as T)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
