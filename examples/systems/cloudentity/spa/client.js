// A client that makes the requests of Cloudentity's library for single-page apps, one method each. For an app of your own
// take @pixy/browser: this one keeps its tokens in local storage, where any script of the page can read them.

export function createClient(options, window = globalThis.window) {
  const { clientId, redirectUri, silentRedirectUri = redirectUri, scopes } = options
  const base = [options.baseUrl, options.tenantId, options.workspaceId].filter(Boolean).join('/')
  const key = (name) => [options.tenantId, options.workspaceId, name].join('_')
  const read = (name) => window.localStorage.getItem(key(name))
  const keep = (name, value) => window.localStorage.setItem(key(name), value)
  const forget = (...names) => {
    for (const name of names) window.localStorage.removeItem(key(name))
  }
  const forgetRequest = () => forget('state', 'code_verifier', 'nonce')

  /** What an authorization request needs is new each time, and kept until its answer. */
  async function authorizationUrl(more = {}, to = redirectUri) {
    const [state, verifier, nonce] = [more.state ?? random(window), random(window), random(window)]
    keep('state', state)
    keep('code_verifier', verifier)
    keep('nonce', nonce)
    const parameters = [
      ['response_type', 'code'],
      ['client_id', clientId],
      ['state', state],
      ['nonce', nonce],
      ['scope', (more.scopes ?? scopes).join(' ')],
      ['redirect_uri', to],
      ['code_challenge', await challengeOf(window, verifier)],
      ['code_challenge_method', 'S256'],
      ['prompt', more.prompt],
      ['method_hint', more.methodHint],
      ['idp_hint', more.idpHint],
      ['login_hint', more.loginHint],
    ]
    const sent = parameters.filter(([, value]) => value !== undefined)
    return `${base}/oauth2/authorize?${sent.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
  }

  const post = (path, body, headers = {}) =>
    window
      .fetch(base + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8', ...headers },
        body,
      })
      .then(answerOf)

  async function redeem(code, to) {
    const tokens = await post(
      '/oauth2/token',
      'grant_type=authorization_code' +
        `&code=${encodeURIComponent(code)}` +
        `&client_id=${encodeURIComponent(clientId)}` +
        `&redirect_uri=${encodeURIComponent(to)}` +
        `&code_verifier=${encodeURIComponent(read('code_verifier'))}`,
    )
    if (tokens.id_token && claimsOf(window, tokens.id_token).nonce !== read('nonce'))
      throw new AuthError('Unauthorized', 'the ID token is of another request')
    keep('access_token', tokens.access_token)
    if (tokens.id_token) keep('id_token', tokens.id_token)
    return tokens
  }

  /** The answer in the address, taken as it stands there: nothing is decoded before it is compared. */
  async function answer(to) {
    const found = Object.fromEntries(window.location.search.slice(1).split('&').map(splitPair))
    if (found.error) {
      throw new AuthError(found.error, decodeURIComponent(found.error_description ?? ''), {
        hint: found.error_hint,
        cause: found.error_cause,
      })
    }
    if (found.code) {
      if (encodeURIComponent(read('state')) !== found.state)
        throw new AuthError('Unauthorized', 'the answer is to another request')
      return redeem(found.code, to)
    }
    const token = read('access_token')
    if (!token) throw new AuthError('Unauthorized', 'nobody has signed in')
    // An opaque token tells nothing about its end, and counts as alive.
    if (isJwt(token) && claimsOf(window, token).exp * 1000 <= Date.now()) {
      forget('access_token', 'id_token')
      throw new AuthError('Session expired', 'the access token has expired')
    }
    return undefined
  }

  return {
    /** Leaves the page for the sign-in page. */
    async authorize(more) {
      window.location.href = await authorizationUrl(more)
    },

    /** Takes what an authorization request was answered with; or looks whether there is a living token. */
    async getAuth({ silent = false } = {}) {
      try {
        const tokens = await answer(silent ? silentRedirectUri : redirectUri)
        if (silent) window.parent.postMessage('silent-success', window.location.origin)
        return tokens
      } catch (error) {
        if (silent) window.parent.postMessage('silent-failure', window.location.origin)
        throw error
      } finally {
        if (window.location.search !== '') forgetRequest()
      }
    },

    /** Renews the tokens in a frame that nobody sees; the page in it calls `getAuth({ silent: true })`. */
    async silentAuthentication() {
      const frame = window.document.createElement('iframe')
      frame.hidden = true
      const url = await authorizationUrl({ prompt: 'none', methodHint: '' }, silentRedirectUri)
      return new Promise((resolve) => {
        const listen = ({ origin, source, data }) => {
          if (origin !== window.location.origin || source !== frame.contentWindow) return
          window.removeEventListener('message', listen)
          frame.remove()
          resolve(data === 'silent-success')
        }
        window.addEventListener('message', listen)
        window.document.body.append(frame)
        frame.src = url
      })
    },

    userInfo: () =>
      window
        .fetch(`${base}/userinfo`, {
          headers: { Accept: 'application/json', Authorization: `Bearer ${read('access_token')}` },
        })
        .then(answerOf),

    /** Exchanges an access token for another, with `scope` as a list in `more`. It does not say of what type the token is. */
    tokenExchange({ subjectToken, ...more }) {
      const further = Object.entries(more).map(
        ([name, value]) => `&${name}=${encodeURIComponent([value].flat().join(' '))}`,
      )
      return post(
        '/oauth2/token',
        'grant_type=urn:ietf:params:oauth:grant-type:token-exchange' +
          `&subject_token=${encodeURIComponent(subjectToken)}` +
          `&client_id=${encodeURIComponent(clientId)}${further.join('')}`,
      )
    },

    /** Ends the access token by itself, and forgets it whatever the answer is. */
    async revokeAuth() {
      const token = read('access_token')
      forget('access_token', 'id_token')
      return post('/oauth2/revoke', `token=${token}`, {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
      })
    },

    /** Forgets the tokens. The server is not told. */
    logout: () => forget('access_token', 'id_token'),

    getAccessToken: () => read('access_token'),
  }
}

export class AuthError extends Error {
  constructor(error, message, detail = {}) {
    super(message)
    this.name = 'AuthError'
    this.error = error
    this.detail = detail
  }
}

async function answerOf(response) {
  const body = await response.json()
  if (response.ok) return body
  if (response.status === 401) throw new AuthError('Unauthorized', body.error_description, body)
  throw new AuthError('Error', body.error_description ?? 'unknown', body)
}

function random({ crypto }) {
  return Array.from(crypto.getRandomValues(new Uint8Array(28)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

async function challengeOf({ crypto }, verifier) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function isJwt(token) {
  return token.split('.').length === 3
}

function claimsOf(window, token) {
  const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(window.atob(payload), (c) => c.charCodeAt(0))))
}

function splitPair(pair) {
  const equals = pair.indexOf('=')
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}
