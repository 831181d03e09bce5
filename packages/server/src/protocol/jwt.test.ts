import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeInScript } from './base64url.ts'
import {
  decodeBase64url,
  decodeBase64urlText,
  decodeJwtUnverified,
  encodeBase64url,
  halfHash,
  leftHalf,
} from './jwt.ts'
import { isProblem } from './types.ts'

const part = (value: unknown) => encodeBase64url(JSON.stringify(value))

describe('base64url (RFC 7515 §2, RFC 4648 §5)', () => {
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
    ['é€😀', 'w6nigqzwn5iA'],
  ])('encodes %j as %s and back (RFC 4648 §10)', (text, encoded) => {
    expect(encodeBase64url(text)).toBe(encoded)
    expect(decodeBase64urlText(encoded)).toBe(text)
  })

  it.each(['A', 'AAAAA', 'AA=', 'AA==', 'A+A', 'A/A', 'AA A', 'AA\n', 'é', 'AAA€', 'AB', 'AAB', '-_-_\0'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  it('gives no text where the bytes are not UTF-8', () => {
    expect(decodeBase64urlText('_w')).toBeUndefined()
    expect(decodeBase64urlText('=')).toBeUndefined()
  })

  it('agrees with Buffer, natively and in script', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const expected = Buffer.from(bytes).toString('base64url')
        expect(encodeBase64url(bytes)).toBe(expected)
        expect(encodeInScript(bytes)).toBe(expected)
        expect(decodeBase64url(expected)).toEqual(bytes)
      }),
    )
  })

  it('has one spelling for one value, and never throws', () => {
    const likely = fc.array(fc.constantFrom(...'AQgw_-=+ 09')).map((letters) => letters.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), (text) => {
        const bytes = decodeBase64url(text)
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('leftHalf and halfHash (OIDC Core §3.1.3.6, App. A)', () => {
  it.each([
    ['jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', '77QmUPtjPfzWtF2AnpK9RQ'],
    ['Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', 'LDktKdoQak3Pk0cnXxCltA'],
  ])('the half hash of %s is %s', (token, hash) => {
    const digest = createHash('sha256').update(token, 'ascii').digest()
    expect(leftHalf(digest)).toHaveLength(16)
    expect(halfHash(digest)).toBe(hash)
  })
})

describe('decodeJwtUnverified (RFC 7515 §3.1)', () => {
  it('reads the example of RFC 7515 App. A.1', () => {
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    expect(decodeJwtUnverified(token)).toMatchObject({
      header: { typ: 'JWT', alg: 'HS256' },
      claims: { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true },
      signingInput: token.slice(0, token.lastIndexOf('.')),
    })
  })

  it('leaves judging the algorithm and an empty signature to the verifier', () => {
    expect(decodeJwtUnverified(`${part({ alg: 'none' })}.${part({})}.`)).toMatchObject({
      signature: new Uint8Array(),
    })
  })

  it.each([
    ['', 'not_compact'],
    ['..', 'not_compact'],
    ['e30', 'not_compact'],
    ['e30.e30', 'not_compact'],
    ['.e30.AA', 'not_compact'],
    ['e30..AA', 'not_compact'],
    ['e30.e30.AA.AA', 'not_compact'],
    ['e30.e30.AA.AA.AA', 'not_compact'],
    ['e30=.e30.AA', 'not_base64url'],
    ['e30.e30=.AA', 'not_base64url'],
    ['e30.e30.AA==', 'not_base64url'],
    ['e30.e30.A+', 'not_base64url'],
    ['e30.e30.AB', 'not_base64url'],
    [' e30.e30.AA', 'not_base64url'],
    ['e30.e30.AA\n', 'not_base64url'],
    ['_w.e30.AA', 'not_base64url'],
    [`${part([])}.e30.AA`, 'not_a_json_object'],
    [`${part(null)}.e30.AA`, 'not_a_json_object'],
    [`e30.${part('x')}.AA`, 'not_a_json_object'],
    [`e30.${encodeBase64url('{')}.AA`, 'not_a_json_object'],
    [`e30.${encodeBase64url('\ufeff{}')}.AA`, 'not_a_json_object'],
    [`e30.${encodeBase64url(`{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`)}.AA`, 'not_a_json_object'],
    [`${part({ alg: 5 })}.e30.AA`, 'not_a_json_object'],
    [`${part({ alg: 'ES256', crit: 'b64' })}.e30.AA`, 'not_a_json_object'],
    [`e30.e30.${'A'.repeat(20_000)}`, 'too_large'],
  ])('refuses %j as %s', (token, problem) => {
    expect(decodeJwtUnverified(token)).toEqual({ problem })
  })

  it('gives back any objects, and never throws', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
    fc.assert(
      fc.property(object, fc.uint8Array({ maxLength: 100 }), fc.string(), (claims, signature, junk) => {
        const token = `${part({ alg: 'ES256' })}.${part(claims)}.${encodeBase64url(signature)}`
        const decoded = decodeJwtUnverified(token)
        if (isProblem(decoded)) expect(decoded.problem).toBe('too_large')
        else
          expect({ claims: decoded.claims, signature: decoded.signature }).toEqual({
            claims: JSON.parse(JSON.stringify(claims)),
            signature,
          })
        decodeJwtUnverified(junk)
        decodeJwtUnverified(`${junk}.${junk}.${junk}`)
      }),
    )
  })
})
