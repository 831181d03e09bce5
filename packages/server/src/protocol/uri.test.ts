import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHost, isPort, originOf, splitAuthority, splitUri } from './uri.ts'

describe('splitUri (RFC 3986 §3, App. B)', () => {
  it.each([
    [
      'http://www.ics.uci.edu/pub/ietf/uri/#Related',
      ['http', 'www.ics.uci.edu', '/pub/ietf/uri/', undefined, 'Related'],
    ],
    [
      'foo://example.com:8042/over/there?name=ferret#nose',
      ['foo', 'example.com:8042', '/over/there', 'name=ferret', 'nose'],
    ],
    [
      'urn:example:animal:ferret:nose',
      ['urn', undefined, 'example:animal:ferret:nose', undefined, undefined],
    ],
    ['https://a.example?x/y', ['https', 'a.example', '', 'x/y', undefined]],
    ['https://a.example#x?y/z', ['https', 'a.example', '', undefined, 'x?y/z']],
    ['https://a.example/p?#', ['https', 'a.example', '/p', '', '']],
    ['MyApp://', ['MyApp', '', '', undefined, undefined]],
    ['com.example.app:/cb//x', ['com.example.app', undefined, '/cb//x', undefined, undefined]],
  ])('takes %s apart', (uri, [scheme, authority, path, query, fragment]) => {
    expect(splitUri(uri)).toEqual({ scheme, authority, path, query, fragment })
  })

  it.each(['', ':', '//a.example', '/x:y', '1a:b', 'é:x', ' http:x', 'a b:c'])(
    'finds no scheme in %j',
    (uri) => {
      expect(splitUri(uri)).toBeUndefined()
    },
  )

  it('loses nothing', () => {
    const anyText = fc
      .array(fc.constantFrom('a', ':', '/', '?', '#', '@', '.', 'é'))
      .map((letters) => letters.join(''))
    fc.assert(
      fc.property(anyText, (text) => {
        const uri = `x${text}`
        const parts = splitUri(uri)
        if (parts === undefined) return
        const authority = parts.authority === undefined ? '' : `//${parts.authority}`
        const query = parts.query === undefined ? '' : `?${parts.query}`
        const fragment = parts.fragment === undefined ? '' : `#${parts.fragment}`
        expect(`${parts.scheme}:${authority}${parts.path}${query}${fragment}`).toBe(uri)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('splitAuthority (RFC 3986 §3.2)', () => {
  it.each([
    ['a.example', [undefined, 'a.example', undefined]],
    ['u:p@a.example:80', ['u:p', 'a.example', '80']],
    ['good.example@x@evil.example', ['good.example@x', 'evil.example', undefined]],
    ['[::1]:80', [undefined, '[::1]', '80']],
    ['[::1', [undefined, '[', ':1']],
    ['a:b:c', [undefined, 'a', 'b:c']],
    [':', [undefined, '', '']],
  ])('takes %s apart', (authority, [userinfo, host, port]) => {
    expect(splitAuthority(authority)).toEqual({ userinfo, host, port })
  })
})

describe('isHost and isPort', () => {
  it.each([
    'a',
    'a-b.example',
    '_x.example',
    '0.0.0.0',
    '255.1.2.3',
    'a1.2b',
    '[::]',
    '[1:2:3:4:5:6:7:8]',
    '[::ffff:7f00:1]',
  ])('%s is a host', (host) => {
    expect(isHost(host)).toBe(true)
  })

  it.each([
    '',
    '.',
    'a.',
    'a..b',
    'a b',
    `${'a'.repeat(64)}.example`,
    'a.'.repeat(150),
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '0x1.2.3.4',
    'a.0x',
    '[]',
    '[:]',
    '[:::]',
    '[1]',
    '[12345::]',
    '[::127.0.0.1]',
    '[1:2:3:4:5:6:7:8::]',
  ])('%j is none', (host) => {
    expect(isHost(host)).toBe(false)
  })

  it('a port is 1 to 65535 without leading zeros', () => {
    expect(['1', '80', '65535'].every(isPort)).toBe(true)
    expect(['', '0', '01', '65536', '100000', 'x', '-1', ' 1', '1\n'].some(isPort)).toBe(false)
  })
})

describe('originOf (RFC 6454 §6.2)', () => {
  it('agrees with the URL parser of browsers wherever it answers', () => {
    const host = fc.constantFrom(
      'a.example',
      'A.Example',
      'localhost',
      '127.0.0.1',
      '127.1',
      '[::1]',
      'u@a.example',
      'a..b',
      '',
    )
    const port = fc.constantFrom('', ':', ':80', ':443', ':8080', ':080', ':99999')
    const tail = fc.constantFrom('', '/', '/x?y', '?y', '#z', '\\x', '@evil.example/')
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'HTTPS', 'com.example'),
        host,
        port,
        tail,
        (scheme, name, number, rest) => {
          const uri = `${scheme}://${name}${number}${rest}`
          const origin = originOf(uri)
          if (origin !== undefined) expect(origin).toBe(new URL(uri).origin)
        },
      ),
      { numRuns: 500 },
    )
    expect(originOf('HTTPS://A.Example:443/x')).toBe('https://a.example')
    expect(originOf('http://localhost:5173')).toBe('http://localhost:5173')
  })
})
