import { createPublicKey, verify as verifySignature } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { JwksClient } from 'jwks-rsa'
import { describe, expect, it } from 'vitest'
import { publishedKeys } from '../../support/jwt.ts'
import { claimsOf, forEachSharedStore, headerOf } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { atmOptions, auth, CLIENT, exchange, refresh, SECRET, tokensOf } from './support.ts'

forEachSharedStore((as) => {
  const post = (path: string, token: string, client = CLIENT) =>
    as().post(path, { token, client_id: client, client_secret: SECRET })

  describe('access tokens of atm', () => {
    it('S0-42 S0-43 have iss "atm", the client as aud, and the user as an object under scope', async () => {
      const { access_token, id_token } = await tokensOf(as())
      const claims = claimsOf(access_token)
      expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'scope'])
      expect(claims).toMatchObject({
        iss: 'atm',
        aud: CLIENT,
        scope: {
          email: ALICE.username,
          id: claimsOf(id_token).sub,
          firstName: 'Alice',
          lastName: 'Adams',
        },
      })
      expect(headerOf(access_token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    })

    it('S0-43 tell of the user what the granted scopes allow, and leave the rest empty', async () => {
      const scopeOf = async (scope: string) => {
        const { json } = await auth(as(), { scope })
        return claimsOf(String((await exchange(as(), json.code)).json.access_token)).scope
      }
      const nobody = { email: '', firstName: '', lastName: '' }
      expect(await scopeOf('openid')).toMatchObject(nobody)
      expect(await scopeOf('openid email')).toMatchObject({ ...nobody, email: ALICE.username })
      expect(await scopeOf('profile')).toMatchObject({ email: '', firstName: 'Alice', lastName: 'Adams' })
    })

    it('S0-43 name a pairwise client’s user as that client knows them', async () => {
      const pairwise = await tokensOf(as(), 'atm-pairwise')
      const { id } = claimsOf(pairwise.access_token).scope as { id: string }
      expect(id).toBe(claimsOf(pairwise.id_token).sub)
      expect(id).not.toMatch(/^usr_/)
    })

    it('S0-40 S0-41 verify by jwks-rsa and jsonwebtoken with the key of their kid', async () => {
      const { access_token } = await tokensOf(as())
      const client = new JwksClient({ jwksUri: `${as().issuer}/auth/.well-known/jwks.json` })
      const decoded = await new Promise((resolve, reject) => {
        jwt.verify(
          access_token,
          ({ kid }, callback) =>
            client.getSigningKey(kid, (error, key) => callback(error, key?.getPublicKey())),
          { algorithms: ['RS256'], issuer: 'atm', audience: CLIENT },
          (error, payload) => (error ? reject(error) : resolve(payload)),
        )
      })
      expect(decoded).toMatchObject({ iss: 'atm', aud: CLIENT })
    })

    it('S0-40 have their keys at /auth/.well-known/jwks.json too, for every origin', async () => {
      const here = await as().request('/auth/.well-known/jwks.json', {
        headers: { origin: 'https://x.example' },
      })
      expect(here.json).toEqual((await as().request('/.well-known/jwks.json')).json)
      expect(here.headers.get('access-control-allow-origin')).toBe('*')
      expect(here.headers.get('etag')).toMatch(/^"/)
    })

    it('S0-41 are signed over exactly what they say', async () => {
      const { access_token } = await tokensOf(as())
      const [header, payload, signature] = access_token.split('.')
      const key = (await publishedKeys(as())).find(({ kid }) => kid === headerOf(access_token).kid)
      const publicKey = createPublicKey({ key: key as never, format: 'jwk' })
      const isSigned = (text: string) =>
        verifySignature('sha256', Buffer.from(text), publicKey, Buffer.from(signature ?? '', 'base64url'))
      expect(isSigned(`${header}.${payload}`)).toBe(true)
      expect(isSigned(`${header}.${payload}x`)).toBe(false)
    })

    it('S0-16 open userinfo, with the claims of what was granted', async () => {
      const { access_token, id_token } = await tokensOf(as())
      const { status, json } = await as().userinfo(access_token)
      expect([status, json.sub, json.email]).toEqual([200, claimsOf(id_token).sub, ALICE.username])
    })

    it('are told of at introspection, to their own client alone', async () => {
      const { access_token } = await tokensOf(as())
      const { exp } = claimsOf(access_token)
      expect((await post('/oauth2/introspect', access_token)).json).toMatchObject({
        active: true,
        client_id: CLIENT,
        scope: 'openid profile email offline_access',
        exp,
      })
      expect((await post('/oauth2/introspect', access_token, 'atm-two')).json).toEqual({ active: false })
    })

    it('can be revoked, by their own client alone', async () => {
      const tokens = await tokensOf(as())
      await post('/oauth2/revoke', tokens.access_token, 'atm-two')
      expect((await as().userinfo(tokens.access_token)).status).toBe(200)
      expect((await post('/oauth2/revoke', tokens.access_token)).status).toBe(200)
      expect((await as().userinfo(tokens.access_token)).status).toBe(401)
      expect((await refresh(as(), tokens)).status).toBe(200)
    })

    it('end with their grant', async () => {
      const tokens = await tokensOf(as())
      await post('/oauth2/revoke', tokens.refresh_token)
      expect((await as().userinfo(tokens.access_token)).status).toBe(401)
    })

    it('are no ID tokens, and ID tokens are none of them', async () => {
      const { id_token, access_token } = await tokensOf(as())
      expect((await as().userinfo(id_token)).status).toBe(401)
      const hinted = as().authorizationUrl({ client: CLIENT, parameters: { id_token_hint: access_token } })
      const { headers } = await as().request(hinted.url)
      expect(headers.get('location')).toContain('id_token_hint_invalid')
    })
  })
}, atmOptions)
