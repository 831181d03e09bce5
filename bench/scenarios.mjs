// What is measured: each scenario prepares what it consumes, then is called again and again. Both servers get the same bytes.
import { createHash, randomBytes } from 'node:crypto'

const CALLBACK = 'https://client.example/callback'
const CLIENT = { client_id: 'bench', client_secret: 'bench-secret-bench-secret-bench-secret' }
const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const query = new URLSearchParams({
  response_type: 'code',
  client_id: CLIENT.client_id,
  redirect_uri: CALLBACK,
  scope: 'openid offline_access api',
  state: 'bench-state-0123456789',
  nonce: 'bench-nonce-0123456789',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}).toString()

/** Requests of one server over a pool of connections; `cookie` is that of a signed-in browser. */
export class Client {
  constructor(pool, endpoints) {
    this.pool = pool
    this.endpoints = endpoints
    this.jar = new Map()
  }

  async send(method, url, { body, headers = {}, withCookies = false } = {}) {
    const target = new URL(url)
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.pool.request({
      method,
      path: target.pathname + target.search,
      headers: { ...headers, ...(withCookies && cookie ? { cookie } : {}) },
      body,
    })
    const text = await response.body.text()
    if (withCookies) this.#store(response.headers['set-cookie'])
    return { status: response.statusCode, headers: response.headers, text }
  }

  #store(lines = []) {
    for (const line of [lines].flat()) {
      const [pair, ...attributes] = line.split(';')
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
      if (gone) this.jar.delete(name)
      else this.jar.set(name, value)
    }
  }

  /** Signs in once, through whatever pages there are, and keeps the session. */
  async signIn() {
    let url = `${this.endpoints.authorize}?${query}`
    let page = await this.send('GET', url, { withCookies: true })
    for (let step = 0; step < 12; step++) {
      const location = page.headers.location
      if (location?.startsWith(CALLBACK)) return
      if (location) {
        url = new URL(location, url).href
        page = await this.send('GET', url, { withCookies: true })
        continue
      }
      const hidden = [...page.text.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(
        (match) => [match[1], match[2]],
      )
      const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
      if (action === undefined) throw new Error(`no form at ${url}: ${page.status}`)
      const form = new URLSearchParams([
        ...hidden.filter(([name]) => name !== 'username'),
        ['username', 'user'],
        ['password', 'a password for the bench'],
      ])
      url = new URL(action, url).href
      page = await this.send('POST', url, { withCookies: true, headers: FORM, body: form.toString() })
    }
    throw new Error('the sign-in does not end')
  }

  async authorize() {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await this.send('GET', `${this.endpoints.authorize}?${query}`, { headers: { cookie } })
    const location = answer.headers.location
    const code = location && new URL(location, this.endpoints.authorize).searchParams.get('code')
    if (!code) throw new Error(`no code: ${answer.status} ${location}`)
    return code
  }

  async token(form) {
    const answer = await this.send('POST', this.endpoints.token, {
      headers: FORM,
      body: new URLSearchParams({ ...CLIENT, ...form }).toString(),
    })
    if (answer.status !== 200) throw new Error(`token: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text)
  }

  redeem(code) {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    })
  }

  refresh(refreshToken) {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken })
  }
}

/** name → { prepare(client, count), run(client, prepared) }; `count` is how many calls may come. */
export const scenarios = {
  'authorize + exchange': {
    async run(client) {
      await client.redeem(await client.authorize())
    },
  },
  exchange: {
    stock: (client) => client.authorize(),
    async run(client, code) {
      await client.redeem(code)
    },
  },
  refresh: {
    // A chain for each connection: every refresh presents what the one before was given.
    chain: async (client) => (await client.redeem(await client.authorize())).refresh_token,
    run: async (client, token) => (await client.refresh(token)).refresh_token,
  },
  'client credentials': {
    async run(client) {
      await client.token({ grant_type: 'client_credentials', scope: 'api' })
    },
  },
  userinfo: {
    shared: async (client) => (await client.redeem(await client.authorize())).access_token,
    async run(client, token) {
      const answer = await client.send('GET', client.endpoints.userinfo, {
        headers: { authorization: `Bearer ${token}` },
      })
      if (answer.status !== 200) throw new Error(`userinfo: ${answer.status} ${answer.text}`)
    },
  },
  introspection: {
    shared: async (client) => (await client.redeem(await client.authorize())).access_token,
    async run(client, token) {
      const body = new URLSearchParams({ ...CLIENT, token }).toString()
      const answer = await client.send('POST', client.endpoints.introspect, { headers: FORM, body })
      if (answer.status !== 200 || !answer.text.includes('"active":true'))
        throw new Error(`introspection: ${answer.status} ${answer.text}`)
    },
  },
  discovery: {
    async run(client) {
      const answer = await client.send('GET', client.endpoints.discovery)
      if (answer.status !== 200) throw new Error(`discovery: ${answer.status}`)
    },
  },
  jwks: {
    async run(client) {
      const answer = await client.send('GET', client.endpoints.jwks)
      if (answer.status !== 200) throw new Error(`jwks: ${answer.status}`)
    },
  },
}
