import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appendQuery, Parameters, parseFormBody, parseParameters } from './parameters.ts'
import { isProblem } from './types.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))
const wellFormed = anyText.map((text) => text.toWellFormed().replaceAll('\0', ''))

function parsed(raw: string): Parameters {
  const parameters = parseParameters(raw)
  if (isProblem(parameters)) throw new Error(`${raw}: ${parameters.problem}`)
  return parameters
}

const utf8 = (text: string) => new TextEncoder().encode(text)
const FORM = 'application/x-www-form-urlencoded'

describe('parseParameters (RFC 6749 §3.1, App. B)', () => {
  it('decodes names and values', () => {
    const parameters = parsed(
      'scope=openid+profile%20email&redirect%5Furi=https%3A%2F%2Fa.example%2Fcb&state=%C3%A9%E2%82%AC',
    )
    expect(parameters.get('scope')).toBe('openid profile email')
    expect(parameters.get('redirect_uri')).toBe('https://a.example/cb')
    expect(parameters.get('state')).toBe('é€')
  })

  it('reads the example of RFC 6749 App. B', () => {
    expect(parsed('v=+%25%26%2B%C2%A3%E2%82%AC').get('v')).toBe(' %&+£€')
  })

  it('counts a parameter without a value as omitted', () => {
    const parameters = parsed('state=&scope&nonce=n')
    expect(parameters.get('state')).toBeUndefined()
    expect(parameters.has('scope')).toBe(false)
    expect(parameters.getAll('state')).toEqual([])
    expect(parameters.names()).toEqual(['state', 'scope', 'nonce'])
    expect(parameters.toObject()).toEqual({ nonce: 'n' })
  })

  it('AZ-06, TK-05: lists each name that came more than once, also where one of them is empty', () => {
    const parameters = parsed('a=1&b=&a=2&c=3&b=4&a=5&%61=6')
    expect(parameters.duplicates).toEqual(['a', 'b'])
    expect(parameters.get('a')).toBe('1')
    expect(parameters.get('b')).toBe('4')
    expect(parameters.getAll('a')).toEqual(['1', '2', '5', '6'])
    expect(parsed('a=1&A=2').duplicates).toEqual([])
  })

  it('splits at the first equals sign and skips empty pairs', () => {
    const parameters = parsed('&&code=a=b==&&x&=y&')
    expect(parameters.get('code')).toBe('a=b==')
    expect(parameters.get('')).toBe('y')
    expect(parameters.names()).toEqual(['code', 'x', ''])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'AZ-05: knows %s as an ordinary name',
    (name) => {
      expect(parsed('a=1').get(name)).toBeUndefined()
      const parameters = parsed(`${name}=x`)
      expect(parameters.get(name)).toBe('x')
      expect(Object.keys(parameters.toObject())).toEqual([name])
      expect(Parameters.from(parameters.toObject()).get(name)).toBe('x')
    },
  )

  it.each([
    ['a=%', 'truncated'],
    ['a=%4', 'truncated'],
    ['a=%zz', 'not hex'],
    ['a=%80', 'lone continuation'],
    ['a=%C3', 'cut sequence'],
    ['a=%C0%AF', 'overlong'],
    ['a=%E0%80%AF', 'overlong'],
    ['a=%ED%A0%80', 'encoded surrogate'],
    ['a=%F5%80%80%80', 'above U+10FFFF'],
    ['a=%FF', 'never a byte of UTF-8'],
    ['%FF=a', 'in a name'],
    ['a=\ud800', 'lone surrogate'],
    ['\udc00', 'lone surrogate'],
  ])('refuses %j: %s', (raw) => {
    expect(parseParameters(raw)).toMatchObject({ problem: 'malformed_encoding' })
  })

  it('names the parameter whose value is malformed', () => {
    expect(parseParameters('a=1&state=%FF')).toEqual({ problem: 'malformed_encoding', name: 'state' })
  })

  it.each(['a=%00', 'a=x\0y', '%00=a', 'a\0=1', 'a=x%00'])('refuses NUL in %j', (raw) => {
    expect(parseParameters(raw)).toMatchObject({ problem: 'control_character' })
  })

  it('AZ-15: keeps other control characters, since state comes back as it was sent', () => {
    expect(parsed('state=a%0D%0Ab%09').get('state')).toBe('a\r\nb\t')
  })

  it('takes 256 pairs and no more', () => {
    expect(parsed('a=1&'.repeat(256)).getAll('a')).toHaveLength(256)
    expect(parseParameters('a=1&'.repeat(257))).toEqual({ problem: 'too_many' })
  })

  it('never throws', () => {
    const units = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes))
    const likely = fc
      .array(fc.constantFrom('a', '=', '&', '%', '+', '0', 'F', '\0', '\ud800', 'é'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(units, likely), (raw) => {
        parseParameters(raw)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads back what URLSearchParams writes', () => {
    const text = wellFormed
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (pairs) => {
        const parameters = parsed(new URLSearchParams(pairs).toString())
        for (const [name] of pairs) {
          const values = pairs.filter((pair) => pair[0] === name && pair[1] !== '').map((pair) => pair[1])
          expect(parameters.getAll(name)).toEqual(values)
        }
      }),
    )
  })

  it('survives toObject and from', () => {
    const text = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text, { minLength: 2 }))), (object) => {
        expect({ ...Parameters.from(object).toObject() }).toEqual({ ...object })
      }),
    )
    expect(Parameters.from({ resource: ['a', 'b'], scope: undefined }).duplicates).toEqual(['resource'])
  })
})

describe('parseFormBody', () => {
  it.each([
    FORM,
    'Application/X-WWW-Form-Urlencoded',
    `${FORM};charset=UTF-8`,
    `${FORM} ; charset="utf-8"`,
    `${FORM}; boundary=x; charset=utf-8;`,
  ])('accepts %s', (contentType) => {
    expect(parseFormBody(utf8('a=%C3%A9'), contentType)).toBeInstanceOf(Parameters)
  })

  it.each([
    undefined,
    '',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencodedx',
    `x${FORM}`,
    `${FORM}, application/json`,
    `${FORM}; charset=iso-8859-1`,
    `${FORM}; charset=utf-16`,
    `${FORM}; charset=utf-8; charset=utf-7`,
    `${FORM}; charset`,
    `${FORM}; =utf-8`,
    `${FORM};${' '.repeat(1000)}`,
  ])('TK-03: refuses %j', (contentType) => {
    expect(parseFormBody(utf8('a=1'), contentType)).toMatchObject({ problem: 'content_type' })
  })

  it('reads bytes above 0x7F as UTF-8 and refuses them otherwise', () => {
    const parameters = parseFormBody(utf8('name=é'), FORM)
    expect(isProblem(parameters) ? parameters : parameters.get('name')).toBe('é')
    expect(parseFormBody(Uint8Array.of(0x61, 0x3d, 0xff), FORM)).toEqual({ problem: 'malformed_encoding' })
    expect(parseFormBody(Uint8Array.of(0x61, 0x3d, 0xed, 0xa0, 0x80), FORM)).toEqual({
      problem: 'malformed_encoding',
    })
  })

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.option(fc.string(), { nil: undefined }),
        (bytes, type) => {
          parseFormBody(bytes, type)
          parseFormBody(bytes, FORM)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('appendQuery (RFC 6749 §3.1.2)', () => {
  it.each([
    ['https://a.example/cb', 'https://a.example/cb?code=c&state=s'],
    ['https://a.example', 'https://a.example?code=c&state=s'],
    ['https://a.example/cb?x=1', 'https://a.example/cb?x=1&code=c&state=s'],
    ['https://a.example/cb?', 'https://a.example/cb?code=c&state=s'],
    ['https://a.example/cb?x=1&', 'https://a.example/cb?x=1&code=c&state=s'],
    ['com.example.app:/cb', 'com.example.app:/cb?code=c&state=s'],
    ['com.example.app://', 'com.example.app://?code=c&state=s'],
    ['MyApp://', 'MyApp://?code=c&state=s'],
    ['HTTPS://A.example:443/%7ecb/./x', 'HTTPS://A.example:443/%7ecb/./x?code=c&state=s'],
    ['http://[::1]:4000/cb', 'http://[::1]:4000/cb?code=c&state=s'],
    ['https://a.example/cb#f', 'https://a.example/cb?code=c&state=s#f'],
  ])('AZ-36: %s becomes %s', (uri, expected) => {
    expect(
      appendQuery(uri, [
        ['code', 'c'],
        ['state', 's'],
      ]),
    ).toBe(expected)
  })

  it('escapes as encodeURIComponent does, without throwing on a lone surrogate', () => {
    const value = "a b&c=d+e/é\r\n'()*!~"
    expect(appendQuery('https://a.example/', [['state', value]])).toBe(
      `https://a.example/?state=${encodeURIComponent(value)}`,
    )
    expect(appendQuery('x.y:/', [['state', '\ud800']])).toBe('x.y:/?state=%EF%BF%BD')
    expect(appendQuery('https://a.example/?q', [])).toBe('https://a.example/?q')
  })

  it('gives parseParameters back what it was given', () => {
    const text = wellFormed.filter((value) => value !== '')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(text, text), { selector: (pair) => pair[0], maxLength: 10 }),
        (pairs) => {
          const query = appendQuery('com.example.app:/cb', pairs).split('?')[1] ?? ''
          expect({ ...parsed(query).toObject() }).toEqual(Object.fromEntries(pairs))
          expect(query).toMatch(/^[A-Za-z0-9._~!'()*%&=-]*$/)
        },
      ),
    )
  })
})
