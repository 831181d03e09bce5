import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basicChallenge, bearerChallenge, dpopChallenge } from './www-authenticate.ts'

describe('challenges (RFC 6750 §3, RFC 7617 §2, RFC 9449 §7.1)', () => {
  it('writes attributes in the order given', () => {
    expect(bearerChallenge()).toBe('Bearer')
    expect(bearerChallenge({ realm: 'pixy', error: 'invalid_token', error_description: 'It expired.' })).toBe(
      'Bearer realm="pixy", error="invalid_token", error_description="It expired."',
    )
    expect(bearerChallenge({ realm: undefined, error: 'insufficient_scope', scope: 'openid email' })).toBe(
      'Bearer error="insufficient_scope", scope="openid email"',
    )
    expect(bearerChallenge({ resource_metadata: 'https://a.example/x', max_age: 60 })).toBe(
      'Bearer resource_metadata="https://a.example/x", max_age="60"',
    )
    expect(dpopChallenge({ algs: 'ES256 EdDSA', error: 'invalid_dpop_proof' })).toBe(
      'DPoP algs="ES256 EdDSA", error="invalid_dpop_proof"',
    )
    expect(basicChallenge('Acme "login"')).toBe('Basic realm="Acme \\"login\\"", charset="UTF-8"')
  })

  it('lets no value end its quotes or the header', () => {
    expect(bearerChallenge({ error_description: 'a", error="x\r\nSet-Cookie: a=b é' })).toBe(
      `Bearer error_description="a', error='x Set-Cookie: a=b ?"`,
    )
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
        (text) => {
          const header = bearerChallenge({ realm: text, scope: text, error_description: text })
          expect(header).toMatch(
            /^Bearer realm="(?:[^"\\]|\\["\\])*", scope="(?:[^"\\]|\\["\\])*", error_description="[^"\\]*"$/,
          )
          expect(header).toMatch(/^[ -~]*$/)
        },
      ),
    )
  })
})
