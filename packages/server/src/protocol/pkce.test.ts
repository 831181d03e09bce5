import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  challengeOf,
  describeChallenge,
  describeMethod,
  describeVerifier,
  isCodeChallenge,
  isCodeVerifier,
} from './pkce.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const sha256 = (text: string) => createHash('sha256').update(text, 'ascii').digest()

describe('challengeOf (RFC 7636 App. B)', () => {
  it('makes the challenge of the RFC', () => {
    expect(challengeOf(VERIFIER, sha256)).toBe(CHALLENGE)
  })

  it('makes a valid challenge of every valid verifier', () => {
    const verifier = fc.stringMatching(/^[A-Za-z0-9._~-]{43,128}$/)
    fc.assert(
      fc.property(verifier, (text) => {
        expect(isCodeVerifier(text)).toBe(true)
        expect(isCodeChallenge(challengeOf(text, sha256))).toBe(true)
      }),
    )
  })
})

describe('isCodeVerifier (RFC 7636 §4.1)', () => {
  it.each([VERIFIER, 'a'.repeat(43), '~'.repeat(128), '-._~'.repeat(11)])('TK-12: accepts %s', (text) => {
    expect(isCodeVerifier(text)).toBe(true)
  })

  it.each([
    '',
    'a'.repeat(42),
    'a'.repeat(129),
    `${'a'.repeat(42)}=`,
    `${'a'.repeat(42)}+`,
    `${'a'.repeat(42)} `,
    `${'a'.repeat(43)}\n`,
    `${'a'.repeat(43)}\0`,
    'é'.repeat(43),
    'a'.repeat(50_000),
    '123456789',
  ])('TK-11: refuses %j', (text) => {
    expect(isCodeVerifier(text)).toBe(false)
  })
})

describe('isCodeChallenge (RFC 7636 §4.2)', () => {
  it('accepts the challenge of the RFC', () => {
    expect(isCodeChallenge(CHALLENGE)).toBe(true)
  })

  it.each([
    '',
    'a'.repeat(42),
    'a'.repeat(44),
    'a'.repeat(129),
    `${'a'.repeat(43)}=`,
    `${'a'.repeat(42)}=`,
    `${'a'.repeat(42)}+`,
    `${'a'.repeat(42)}/`,
    `${'a'.repeat(42)}.`,
    `${'a'.repeat(42)}~`,
    `${'a'.repeat(42)} `,
    `${'a'.repeat(42)}é`,
    `${'a'.repeat(42)}\n`,
  ])('AZ-10: refuses %j', (text) => {
    expect(isCodeChallenge(text)).toBe(false)
  })
})

describe('describeChallenge', () => {
  it('recognises the hex SHA-256 of the ATM seed', () => {
    const hex = createHash('sha256').update('123456789').digest('hex')
    expect(hex).toBe('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225')
    const diagnosis = describeChallenge(hex)
    expect(diagnosis).toMatchObject({ problem: 'hex_sha256', received: '64 hexadecimal digits' })
    expect(diagnosis.fix).toBe('This is a hex SHA-256; send base64url of the bytes, 43 characters.')
    expect(JSON.stringify(diagnosis)).not.toContain(hex)
  })

  it.each([
    ['F'.repeat(128), 'hex_sha512'],
    [`${'a'.repeat(43)}=`, 'padded'],
    [`${'a'.repeat(20)}+${'a'.repeat(21)}/`, 'standard_base64'],
    [`${'a'.repeat(42)} `, 'standard_base64'],
    ['a'.repeat(42), 'length'],
    ['a'.repeat(5000), 'length'],
    ['é'.repeat(43), 'characters'],
    [`${'a'.repeat(42)}.`, 'characters'],
    ['', 'missing'],
    [undefined, 'missing'],
  ])('says of %j: %s', (received, problem) => {
    expect(describeChallenge(received)).toMatchObject({ problem, param: 'code_challenge' })
  })

  it('says the length', () => {
    expect(describeChallenge('a'.repeat(32)).fix).toBe('The length is 32, it must be 43.')
  })
})

describe('describeVerifier and describeMethod', () => {
  it('says what a verifier lacks without repeating it', () => {
    expect(describeVerifier('a'.repeat(32)).fix).toBe('The length is 32, it must be 43 to 128.')
    expect(describeVerifier(`${'secret'.repeat(8)}=`).problem).toBe('characters')
    expect(JSON.stringify(describeVerifier(`${'secret'.repeat(8)}=`))).not.toContain('secretsecret')
    expect(describeVerifier(undefined).problem).toBe('missing')
  })

  it.each(['SHA256', 's256', 'SHA-256'])('AZ-11: asks for the spelling S256 where %s came', (received) => {
    expect(describeMethod(received).fix).toBe('Only S256 is supported. Spell it S256, with a capital S.')
  })

  it.each(['plain', 'SHA512', 'S512', 'none', undefined, '', 'x'.repeat(5000)])(
    'AZ-09, AZ-11: refuses %s',
    (received) => {
      expect(describeMethod(received)).toMatchObject({ problem: 'method', expected: 'S256' })
      expect(describeMethod(received).received.length).toBeLessThan(40)
    },
  )

  it('never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        describeChallenge(text)
        describeVerifier(text)
        describeMethod(text)
      }),
    )
  })
})
