import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBasicCredentials, parseBearer, parseDpop } from './client-authentication.ts'
import { isProblem } from './types.ts'

const basic = (text: string | Uint8Array) => `Basic ${Buffer.from(text).toString('base64')}`

function pairs(header: string) {
  const credentials = parseBasicCredentials(header)
  return isProblem(credentials)
    ? credentials
    : credentials.pairs.map((pair) => [pair.clientId, pair.clientSecret])
}

describe('parseBasicCredentials (RFC 7617 §2, RFC 6749 §2.3.1)', () => {
  it('reads the example of RFC 7617 §2', () => {
    expect(pairs('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toEqual([['Aladdin', 'open sesame']])
  })

  it('reads UTF-8, as in RFC 7617 §2.1', () => {
    expect(pairs('Basic dGVzdDoxMjPCow==')).toEqual([['test', '123£']])
  })

  it('takes the scheme without case, more spaces, and a list of one', () => {
    expect(pairs(basic('a:b').replace('Basic ', 'bAsIc   '))).toEqual([['a', 'b']])
    expect(parseBasicCredentials([basic('a:b')])).toEqual({ pairs: [{ clientId: 'a', clientSecret: 'b' }] })
  })

  it('splits at the first colon; the secret may be empty', () => {
    expect(pairs(basic('a:b:c'))).toEqual([['a', 'b:c']])
    expect(pairs(basic('a:'))).toEqual([['a', '']])
  })

  it('gives the form-decoded reading first where the two differ', () => {
    expect(pairs(basic('https%3A%2F%2Fa.example%2F:p%2Bq+r'))).toEqual([
      ['https://a.example/', 'p+q r'],
      ['https%3A%2F%2Fa.example%2F', 'p%2Bq+r'],
    ])
    expect(pairs(basic('a:b+c'))).toEqual([
      ['a', 'b c'],
      ['a', 'b+c'],
    ])
  })

  it('gives only the plain reading where form-decoding fails or ends in a control character', () => {
    expect(pairs(basic('a:100%'))).toEqual([['a', '100%']])
    expect(pairs(basic('a:%FF'))).toEqual([['a', '%FF']])
    expect(pairs(basic('a%00:b'))).toEqual([['a%00', 'b']])
  })

  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    [[], 'missing'],
    ['Bearer abc', 'other_scheme'],
    ['Basics YTpi', 'other_scheme'],
    ['YTpi', 'other_scheme'],
    [' Basic YTpi', 'other_scheme'],
    ['Basic\tYTpi', 'other_scheme'],
    ['Basic', 'malformed'],
    ['Basic ', 'malformed'],
    ['Basic YTpi ', 'malformed'],
    ['Basic YTpi, Basic YTpi', 'malformed'],
    ['Basic YTpi\n', 'malformed'],
    ['Basic YTp', 'malformed'],
    ['Basic YTo', 'malformed'],
    ['Basic YTo==', 'malformed'],
    ['Basic Y=pi', 'malformed'],
    ['Basic ====', 'malformed'],
    ['Basic YT_-', 'malformed'],
    ['Basic a:b', 'malformed'],
    ['Basic é===', 'malformed'],
    ['Basic "YTpi"', 'malformed'],
    [`Basic ${'YTpi'.repeat(5000)}`, 'malformed'],
    [['Basic YTpi', 'Basic YTpi'], 'malformed'],
    [basic(Uint8Array.of(0x61, 0x3a, 0xff)), 'not_utf8'],
    [basic('abc'), 'no_colon'],
    [basic(':secret'), 'empty_client_id'],
    [basic('a\0:b'), 'control_character'],
    [basic('a:b\n'), 'control_character'],
    [basic('a:\u007f'), 'control_character'],
  ])('TK-10: refuses %j as %s', (header, problem) => {
    expect(parseBasicCredentials(header)).toEqual({ problem })
  })

  it('gives back what a client sent in either form, and never throws', () => {
    const anyText = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes))
    const word = anyText
      .map((text) => text.toWellFormed().replace(/[\p{Cc}:]/gu, ''))
      .filter((text) => text !== '')
    fc.assert(
      fc.property(word, word, anyText, (id, secret, junk) => {
        expect(pairs(basic(`${id}:${secret}`))).toContainEqual([id, secret])
        const form = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`
        expect(pairs(basic(form))).toContainEqual([id, secret])
        parseBasicCredentials(`Basic ${junk}`)
        parseBearer(`Bearer ${junk}`)
        parseBearer(junk)
      }),
    )
  })
})

describe('parseBearer (RFC 6750 §2.1)', () => {
  it.each([
    ['Bearer mF_9.B5f-4.1JqM', 'mF_9.B5f-4.1JqM'],
    ['bearer abc', 'abc'],
    ['BEARER  abc==', 'abc=='],
    ['Bearer a~+/-._', 'a~+/-._'],
  ])('reads %s', (header, token) => {
    expect(parseBearer(header)).toEqual({ token })
    expect(parseBearer([header])).toEqual({ token })
  })

  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    [[], 'missing'],
    ['Basic YTpi', 'other_scheme'],
    ['DPoP abc', 'other_scheme'],
    ['Bearerabc', 'other_scheme'],
    ['Bearer:abc', 'other_scheme'],
    ['abc', 'other_scheme'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Bearer a b', 'malformed'],
    ['Bearer abc ', 'malformed'],
    ['Bearer abc,', 'malformed'],
    ['Bearer abc, Bearer abc', 'malformed'],
    ['Bearer Bearer abc', 'malformed'],
    ['Bearer "abc"', 'malformed'],
    ['Bearer =', 'malformed'],
    ['Bearer a=b', 'malformed'],
    ['Bearer a\0', 'malformed'],
    ['Bearer é', 'malformed'],
    ['Bearer \tabc', 'malformed'],
    ['Bearer abc\n', 'malformed'],
    [['Bearer a', 'Bearer a'], 'malformed'],
    [`Bearer ${'a'.repeat(20_000)}`, 'malformed'],
  ])('UI-05: refuses %j as %s', (header, problem) => {
    expect(parseBearer(header)).toEqual({ problem })
  })
})

describe('parseDpop (RFC 9449 §7.1)', () => {
  it('reads its own scheme only', () => {
    expect(parseDpop('DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU')).toHaveProperty('token')
    expect(parseDpop('Bearer abc')).toEqual({ problem: 'other_scheme' })
  })
})
