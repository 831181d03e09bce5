// Tapkey's sample application in Node: signs the user in, and lists the owner accounts. With CLIENT_SECRET it is the
// confidential variant, which does without PKCE.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import {
  authorizeUrl,
  createPkce,
  readUser,
  redeemCode,
  refresh,
  TokenRefused,
  UserManager,
} from './tapkey.mjs'

const {
  AUTH_SERVER: server = 'http://localhost:4000/',
  CLIENT_ID: clientId = 'doors',
  CLIENT_SECRET: clientSecret,
  REDIRECT_URI: redirectUri = 'http://localhost:44333/Auth/LoginCallback',
} = process.env

const client = { server, clientId, clientSecret, redirectUri }

/** One entry for each browser, so that two people who sign in at once do not meet. */
const sessions = new Map()

const routes = {
  '/': showAccounts,
  '/Auth/Login': logIn,
  '/Auth/LoginCallback': finishLogIn,
}

createServer(async (request, response) => {
  const url = new URL(request.url, redirectUri)
  const route = routes[url.pathname]
  try {
    if (route) await route({ response, session: sessionOf(request, response), query: url.searchParams })
    else reply(response, 404, 'There is nothing here.')
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    console.log(`Refused: ${error.message}`)
    reply(
      response,
      502,
      `<p id="refused">${escapeHtml(error.message)}</p><a href="/Auth/Login">Sign in again</a>`,
    )
  }
}).listen(Number(new URL(redirectUri).port), () => console.log(`App running at ${new URL('/', redirectUri)}`))

async function logIn({ response, session }) {
  const pkce = clientSecret ? {} : createPkce()
  // Standard base64, with + / and =: it must come back as it is.
  Object.assign(session, { ...pkce, state: randomBytes(32).toString('base64'), tokens: undefined })
  redirect(response, authorizeUrl({ ...client, state: session.state, codeChallenge: session.codeChallenge }))
}

async function finishLogIn({ response, session, query }) {
  if (!session.state || query.get('state') !== session.state)
    return reply(response, 400, 'The state differs.')
  session.state = undefined
  if (query.has('error')) throw new TokenRefused(query.get('error_description') ?? query.get('error'))
  console.log(`Granted: ${query.get('scope')}`)
  session.tokens = await redeemCode({
    ...client,
    code: query.get('code'),
    codeVerifier: session.codeVerifier,
  })
  console.log(`Signed in: ${await new UserManager(server).logInAsync(session.tokens.access_token)}`)
  redirect(response, '/')
}

async function showAccounts({ response, session }) {
  if (!session.tokens) return reply(response, 200, '<a href="/Auth/Login">Sign in</a>')
  const user = (await readUser(server, session.tokens.access_token)) ?? (await readUserAgain(session))
  if (!user) return redirect(response, '/Auth/Login')
  const accounts = user.ownerAccounts.map(({ name }) => `<li>${escapeHtml(name)}</li>`).join('')
  reply(
    response,
    200,
    `<h1>Owner accounts</h1><ul>${accounts}</ul><p>${escapeHtml(user.id)} of ${escapeHtml(user.ipId)}</p>`,
  )
}

/** After an hour the access token is dead; after 90 days without use the refresh token is, and everything begins again. */
async function readUserAgain(session) {
  const { refresh_token: refreshToken } = session.tokens
  if (!refreshToken) return undefined
  try {
    const tokens = await refresh({ ...client, refreshToken, codeVerifier: session.codeVerifier })
    const same = tokens.refresh_token === refreshToken
    console.log(`Refreshed: ${same ? 'the same refresh token' : 'another refresh token'}`)
    // In place of the old one even where it is the same: then the server may begin to rotate whenever it likes.
    session.tokens = tokens
    return await readUser(server, tokens.access_token)
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    console.log(`Refused: ${error.message}`)
    session.tokens = undefined
    return undefined
  }
}

function sessionOf(request, response) {
  const known = /(?:^|; )doors=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
  if (known && sessions.has(known)) return sessions.get(known)
  const id = randomBytes(32).toString('base64url')
  sessions.set(id, {})
  response.setHeader('set-cookie', `doors=${id}; Path=/; HttpOnly; SameSite=Lax`)
  return sessions.get(id)
}

function redirect(response, location) {
  response.writeHead(303, { location }).end()
}

function reply(response, status, html) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html)
}

function escapeHtml(text) {
  return String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
