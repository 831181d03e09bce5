import { FormBrowser, type Visit } from '@pixy/testing'
import express, { type NextFunction, type Request, type Response } from 'express'
import session from 'express-session'
import passport from 'passport'
import { type Profile, Strategy, type VerifyCallback } from 'passport-openidconnect'
import { afterAll, describe, expect, it } from 'vitest'
import { SECRET, signIn, startPixy, tamper } from './support/pixy.ts'
import { openSite } from './support/site.ts'

const app = express()
const site = await openSite(app)
const callback = `${site.url}/callback`

// The library knows no PKCE: a confidential client may do without where its owner says so (OAuth 2.1 §7.5.1).
const web = {
  client_secret: SECRET,
  token_endpoint_auth_method: 'client_secret_post' as const,
  redirect_uris: [callback, `${callback}/strict`],
}
const pixy = await startPixy([
  { ...web, client_id: 'web', require_pkce: false },
  { ...web, client_id: 'web-strict' },
])
afterAll(async () => {
  await site.close()
  await pixy.close()
})

const endpoints = {
  issuer: pixy.issuer,
  authorizationURL: `${pixy.issuer}/oauth2/authorize`,
  tokenURL: `${pixy.issuer}/oauth2/token`,
  userInfoURL: `${pixy.issuer}/userinfo`,
  clientSecret: SECRET,
  nonce: 'yes',
  scope: ['profile', 'email'],
  skipUserProfile: false,
}

const authenticator = new passport.Passport()
for (const [name, clientID, callbackURL] of [
  ['pixy', 'web', callback],
  ['strict', 'web-strict', `${callback}/strict`],
] as const) {
  authenticator.use(
    name,
    new Strategy(
      { ...endpoints, clientID, callbackURL },
      (issuer: string, profile: Profile, done: VerifyCallback) => {
        done(null, { ...profile, issuer })
      },
    ),
  )
}
authenticator.serializeUser((user, done) => done(null, user))
authenticator.deserializeUser((user: Express.User, done) => done(null, user))

app.use(session({ secret: 'of the app alone', resave: false, saveUninitialized: false }))
app.use(authenticator.session())
app.get('/login', authenticator.authenticate('pixy'))
app.get('/login/strict', authenticator.authenticate('strict'))
app.get(
  '/callback',
  authenticator.authenticate('pixy', { failWithError: true }),
  (_: Request, response: Response) => response.redirect('/me'),
)
app.get('/callback/strict', authenticator.authenticate('strict', { failWithError: true }))
app.get('/me', (request: Request, response: Response) => {
  response.json(request.user ?? null)
})
app.use((error: Error, _: Request, response: Response, __: NextFunction) => {
  response
    .status(response.statusCode < 400 ? 500 : response.statusCode)
    .json({ ...error, message: error.message })
})

async function visitCallback(browser: FormBrowser, url: URL): Promise<Visit> {
  const { visit } = await browser.follow(await browser.visit(url.href), () => false)
  return visit
}

describe('passport-openidconnect', () => {
  it('signs in, reads userinfo and keeps the user in the session of the app', async () => {
    const browser = new FormBrowser()
    const back = await signIn(`${site.url}/login`, callback, { browser })
    const me = await visitCallback(browser, back)
    expect(JSON.parse(me.body)).toMatchObject({
      issuer: pixy.issuer,
      id: expect.stringMatching(/^usr_/),
      displayName: 'Alice Adams',
      emails: [{ value: 'alice@example.com' }],
    })
  })

  it('notices a callback with a state that is not of this session', async () => {
    const browser = new FormBrowser()
    const back = await signIn(`${site.url}/login`, callback, { browser })
    const answer = await visitCallback(browser, tamper(back, 'state', 'somebody-elses'))
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('Forbidden')
  })

  it('notices a callback in another browser', async () => {
    const back = await signIn(`${site.url}/login`, callback)
    expect((await visitCallback(new FormBrowser(), back)).status).toBe(403)
  })

  it('notices an ID token with the nonce of another login', async () => {
    const browser = new FormBrowser()
    const { headers } = await browser.visit(`${site.url}/login`)
    const request = new URL(headers.get('location') ?? '')
    const back = await signIn(tamper(request, 'nonce', 'somebody-elses'), callback, { browser })
    expect((await visitCallback(browser, back)).status).toBe(403)
  })

  it('shows the error of the token endpoint', async () => {
    const browser = new FormBrowser()
    const back = await signIn(`${site.url}/login`, callback, { browser })
    const answer = await visitCallback(browser, tamper(back, 'code', 'no-such-code'))
    expect(answer.status).toBe(500)
    expect(JSON.parse(answer.body)).toMatchObject({ name: 'TokenError', code: 'invalid_grant' })
  })

  it('cannot sign in without PKCE where the client requires it', async () => {
    const browser = new FormBrowser()
    const back = await signIn(`${site.url}/login/strict`, callback, { browser })
    expect(back.searchParams.get('error')).toBe('invalid_request')
    const answer = await visitCallback(browser, back)
    expect(JSON.parse(answer.body)).toMatchObject({ name: 'AuthorizationError', code: 'invalid_request' })
  })
})
