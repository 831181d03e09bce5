import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { aUser, expectRefused, lastRefusal, open } from '../../support/authorization.ts'
import { forEachSharedStore, pkce } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const HEX = createHash('sha256').update(VERIFIER).digest('hex')
const STANDARD = '+/9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstwcM'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })

forEachSharedStore(
  (as) => {
    const request = (client: string, parameters: Readonly<Record<string, string | null>>) =>
      open(as(), new FormBrowser(), { client, parameters })

    describe('GET /oauth2/authorize, code_challenge (RFC 7636 §4.2–4.4)', () => {
      it.each(['spa', 'web', 'web-post'])('AZ-07, AZ-08 requires a code_challenge of %s', async (client) => {
        for (const parameters of [
          { code_challenge: null, code_challenge_method: null },
          { code_challenge: null },
          { code_challenge: '' },
          { code_challenge: '', code_challenge_method: '' },
        ]) {
          expectRefused(as(), await request(client, parameters), {
            error: 'invalid_request',
            reason: 'code_challenge_missing',
          })
          const { fix } = await lastRefusal(as())
          expect(fix).toContain('BASE64URL(SHA256(code_verifier))')
        }
      })

      it.each([
        ['plain', 'Hash the verifier with SHA-256 and send S256.'],
        ['', 'Send code_challenge_method=S256.'],
        [null, 'Send code_challenge_method=S256.'],
        ['S512', 'Hash the verifier with SHA-256 and send S256.'],
        ['s256', 'Spell it S256, with a capital S.'],
        ['SHA256', 'Spell it S256, with a capital S.'],
        ['SHA-256', 'Spell it S256, with a capital S.'],
        ['none', 'Hash the verifier with SHA-256 and send S256.'],
        ['S256 ', 'Hash the verifier with SHA-256 and send S256.'],
        ['S256,plain', 'Hash the verifier with SHA-256 and send S256.'],
      ])(
        'AZ-09, AZ-11 refuses code_challenge_method=%j and says: … %s',
        async (code_challenge_method, fix) => {
          for (const client of ['spa', 'web']) {
            const refused = await request(client, { code_challenge: CHALLENGE, code_challenge_method })
            expectRefused(as(), refused, {
              error: 'invalid_request',
              reason: 'code_challenge_method_unsupported',
            })
            const refusal = await lastRefusal(as())
            expect(refusal).toMatchObject({ param: 'code_challenge_method', expected: 'S256' })
            expect(refusal.fix?.endsWith(fix), refusal.fix).toBe(true)
          }
        },
      )

      it.each([
        ['a hex SHA-256', HEX, 'This is a hex SHA-256; send base64url of the bytes, 43 characters.'],
        [
          'a hex SHA-256 in capitals',
          HEX.toUpperCase(),
          'This is a hex SHA-256; send base64url of the bytes, 43 characters.',
        ],
        [
          'a hex SHA-512',
          'ab'.repeat(64),
          'This is a hex SHA-512; send base64url of the bytes of the SHA-256, 43 characters.',
        ],
        [
          'base64url of the hex text',
          Buffer.from(HEX).toString('base64url'),
          'The length is 86, it must be 43.',
        ],
        ['padding', `${CHALLENGE}=`, 'Remove the = at the end.'],
        ['standard base64', STANDARD, 'Send base64url: - in place of + and _ in place of /.'],
        [
          'a + that became a space',
          STANDARD.replace('+', ' '),
          'Send base64url: - in place of + and _ in place of /.',
        ],
        ['42 characters', CHALLENGE.slice(1), 'The length is 42, it must be 43.'],
        ['44 characters', `${CHALLENGE}A`, 'The length is 44, it must be 43.'],
        [
          '128 characters',
          'A'.repeat(128),
          'This is a hex SHA-512; send base64url of the bytes of the SHA-256, 43 characters.',
        ],
        ['129 characters', 'A'.repeat(129), 'The length is 129, it must be 43.'],
        ['50 KB', 'A'.repeat(10_000), 'The length is 10000, it must be 43.'],
        [
          'a tilde, which only verifiers may hold',
          `~${CHALLENGE.slice(1)}`,
          'Use only A-Z, a-z, 0-9, - and _.',
        ],
        ['a dot', `.${CHALLENGE.slice(1)}`, 'Use only A-Z, a-z, 0-9, - and _.'],
        ['a letter that is not ASCII', `é${CHALLENGE.slice(1)}`, 'Use only A-Z, a-z, 0-9, - and _.'],
        ['a line break', `${CHALLENGE.slice(1)}\n`, 'Use only A-Z, a-z, 0-9, - and _.'],
      ])(
        'AZ-10 refuses a code_challenge that is or has %s, and explains it',
        async (_what, code_challenge, fix) => {
          expectRefused(as(), await request('spa', { code_challenge }), {
            error: 'invalid_request',
            reason: 'code_challenge_malformed',
          })
          const refusal = await lastRefusal(as())
          expect(refusal).toMatchObject({ param: 'code_challenge', fix })
          expect(refusal.received).not.toContain(code_challenge)
        },
      )

      it('explains the method first to whoever sends a hex challenge with SHA256: one mistake at a time', async () => {
        const refused = await request('spa', { code_challenge: HEX, code_challenge_method: 'SHA256' })
        expectRefused(as(), refused, {
          error: 'invalid_request',
          reason: 'code_challenge_method_unsupported',
        })
      })

      it('takes the vector of RFC 7636 App. B', async () => {
        const authorized = await as().authorize({
          user: await aUser(as()),
          parameters: { code_challenge: CHALLENGE },
        })
        expect((await as().redeem(authorized, { code_verifier: VERIFIER })).status).toBe(200)
      })

      it('AZ-37 refuses the victim’s code with the attacker’s verifier, and the victim can still redeem it', async () => {
        const victim = await as().authorize({ user: await aUser(as()) })
        const refused = await as().redeem(victim, { code_verifier: pkce().verifier })
        expect(refused.status).toBe(400)
        expect(refused.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_mismatch' })
        expect((await as().redeem(victim)).status).toBe(200)
      })
    })

    describe('GET /oauth2/authorize, a confidential client without PKCE (OAuth 2.1 §7.5.1, RFC 9700 §4.8.2)', () => {
      const secret = { client_secret: WEB_SECRET }

      it('may leave it out where its owner said so, and then redeems without a verifier', async () => {
        const without = { code_challenge: null, code_challenge_method: null }
        const authorized = await as().authorize({
          user: await aUser(as()),
          client: 'web-no-pkce',
          parameters: without,
        })
        const downgraded = await as().redeem(authorized, secret)
        expect(downgraded.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_unexpected' })
        expect((await as().redeem(authorized, { ...secret, code_verifier: null })).status).toBe(200)
      })

      it('must do it well where it tries: a method alone or an empty challenge is not leaving it out', async () => {
        for (const parameters of [
          { code_challenge: null },
          { code_challenge: '' },
          { code_challenge: '', code_challenge_method: null },
        ]) {
          const refused = await request('web-no-pkce', parameters)
          expectRefused(as(), refused, { error: 'invalid_request', reason: 'code_challenge_missing' })
        }
        for (const parameters of [
          { code_challenge_method: 'plain' },
          { code_challenge_method: null },
          { code_challenge: HEX },
        ]) {
          expectRefused(as(), await request('web-no-pkce', parameters), { error: 'invalid_request' })
        }
      })

      it('is held to the challenge that it sent', async () => {
        const authorized = await as().authorize({ user: await aUser(as()), client: 'web-no-pkce' })
        const refused = await as().redeem(authorized, { ...secret, code_verifier: null })
        expect(refused.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_missing' })
        expect((await as().redeem(authorized, secret)).status).toBe(200)
      })

      it('is the exception: with PKCE its requests are like any other', async () => {
        expect(pageName((await request('web-no-pkce', {})).page)).toBe('sign-in')
      })
    })
  },
  { config },
)
