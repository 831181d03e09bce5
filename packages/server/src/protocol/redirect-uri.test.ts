import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findRedirectUri, isLoopbackRedirect, matchesRedirectUri, redirectOrigin } from './redirect-uri.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))

const REGISTERED = 'https://app.example/callback'

/** AZ-03: what an attacker sends in place of `REGISTERED`. */
const NEAR_MISSES = [
  '',
  'https://app.example/callback/',
  'https://app.example/callback//',
  'https://app.example/callbac',
  'https://app.example/callbackx',
  'https://app.example/Callback',
  'https://app.example/CALLBACK',
  'https://app.example',
  'https://app.example/',
  'https://app.example//callback',
  'https://app.example/./callback',
  'https://app.example/x/../callback',
  'https://app.example/callback/..',
  'https://app.example/callback/../evil',
  'https://app.example/callback/..;/evil',
  'https://app.example/callback/%2e%2e/evil',
  'https://app.example/callback/%2e%2e%2fevil',
  'https://app.example/%63allback',
  'https://app.example/callback%2F',
  'https://app.example/callback?',
  'https://app.example/callback?x=1',
  'https://app.example/callback?next=https://evil.example',
  'https://app.example/callback#',
  'https://app.example/callback#x',
  'https://app.example/callback;x=1',
  'https://app.example/callback%00',
  'https://app.example/callback\0',
  'https://app.example/callback\n',
  'https://app.example/callback\r\nLocation: https://evil.example',
  'https://app.example/callback%0d%0aSet-Cookie:a=b',
  ' https://app.example/callback',
  'https://app.example/callback ',
  'https://app.example/callback\t',
  'HTTPS://app.example/callback',
  'https://APP.example/callback',
  'http://app.example/callback',
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'https://app.example:/callback',
  'https://app.example./callback',
  'https://www.app.example/callback',
  'https://app.example.evil.example/callback',
  'https://evil.example/app.example/callback',
  'https://evil.example/callback',
  'https://app.example@evil.example/callback',
  'https://user@app.example/callback',
  'https://user:pass@app.example/callback',
  'https://evil.example#@app.example/callback',
  'https://evil.example?@app.example/callback',
  'https://evil.example\\@app.example/callback',
  'https://app.example\\@evil.example/callback',
  'https:\\\\app.example\\callback',
  'https:/app.example/callback',
  'https:app.example/callback',
  'https:///app.example/callback',
  '//app.example/callback',
  '/callback',
  'callback',
  'app.example/callback',
  'https://аpp.example/callback',
  'https://app.еxample/callback',
  'https://app。example/callback',
  'https://ａpp.example/callback',
  'https://xn--pp-6kc.example/callback',
  'https%3A%2F%2Fapp.example%2Fcallback',
  'https://app.example/callback,https://evil.example',
  'https://app.example/callback https://evil.example',
  'https://*.example/callback',
  'https://app.example/*',
  'javascript:alert(1)//https://app.example/callback',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://app.example/callback',
  'view-source:https://app.example/callback',
  'ftp://app.example/callback',
  'ws://app.example/callback',
  'com.example.app:/callback',
  '__proto__',
  'https://app.example/callback'.repeat(2),
  `https://app.example/callback${'a'.repeat(5000)}`,
]

describe('matchesRedirectUri (RFC 6749 §3.1.2.3, RFC 9700 §2.1)', () => {
  it('compares the strings', () => {
    expect(matchesRedirectUri(REGISTERED, REGISTERED)).toBe(true)
    expect(matchesRedirectUri('com.example.app:/cb', 'com.example.app:/cb')).toBe(true)
    expect(matchesRedirectUri('https://a.example/cb?x=1', 'https://a.example/cb?x=1')).toBe(true)
  })

  it.each(NEAR_MISSES)('AZ-02, AZ-03: refuses %j', (requested) => {
    expect(matchesRedirectUri(REGISTERED, requested)).toBe(false)
    expect(findRedirectUri([REGISTERED, 'https://app.example/other'], requested)).toBeUndefined()
  })

  it('has at least 47 near misses', () => {
    expect(new Set(NEAR_MISSES).size).toBe(NEAR_MISSES.length)
    expect(NEAR_MISSES.length).toBeGreaterThanOrEqual(47)
  })

  it.each([
    ['https://app.example/callback', 'https://app.example:8443/callback'],
    ['http://localhost/cb', 'http://localhost:3000/cb'],
    ['http://localhost:3000/cb', 'http://localhost:3001/cb'],
    ['https://127.0.0.1/cb', 'https://127.0.0.1:3000/cb'],
    ['https://[::1]/cb', 'https://[::1]:3000/cb'],
    ['http://192.168.0.1/cb', 'http://192.168.0.1:3000/cb'],
    ['com.example.app://127.0.0.1/cb', 'com.example.app://127.0.0.1:1/cb'],
  ])('AZ-35: %s gives no freedom of port', (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(false)
  })
})

describe('matchesRedirectUri, loopback (RFC 8252 §7.3)', () => {
  it.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:65535/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1:51234/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1/cb'],
    ['http://127.0.0.1', 'http://127.0.0.1:4000'],
    ['http://127.0.0.1?x=1', 'http://127.0.0.1:4000?x=1'],
    ['http://127.0.0.1/cb?x=1', 'http://127.0.0.1:4000/cb?x=1'],
    ['http://[::1]/cb', 'http://[::1]:51234/cb'],
    ['http://[::1]:8080/cb', 'http://[::1]:51234/cb'],
  ])('AZ-33: %s accepts %s', (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(true)
  })

  it.each([
    'http://127.0.0.1:51234/',
    'http://127.0.0.1:51234/cb/',
    'http://127.0.0.1:51234/CB',
    'http://127.0.0.1:51234/cb?x=1',
    'http://127.0.0.1:51234/cb#x',
    'http://127.0.0.1:51234',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:080/cb',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.1:999999999999/cb',
    'http://127.0.0.1:-1/cb',
    'http://127.0.0.1:1e3/cb',
    'http://127.0.0.1:80:80/cb',
    'http://127.0.0.1:80@evil.example/cb',
    'http://127.0.0.1@evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1:8080.evil.example/cb',
    'http://127.0.0.10/cb',
    'http://127.0.0.2:51234/cb',
    'http://127.1:51234/cb',
    'http://2130706433:51234/cb',
    'http://0x7f.0.0.1:51234/cb',
    'http://0.0.0.0:51234/cb',
    'http://localhost:51234/cb',
    'http://[::1]:51234/cb',
    'http://[::ffff:127.0.0.1]:51234/cb',
    'https://127.0.0.1:51234/cb',
    'HTTP://127.0.0.1:51234/cb',
    'http://127.0.0.1:51234\\cb',
    'http://127.0.0.1\\:51234/cb',
    'http://user@127.0.0.1:51234/cb',
    'http://evil.example:51234/cb',
    'http://127.0.0.1:٣/cb',
  ])('AZ-34: http://127.0.0.1/cb refuses %s', (requested) => {
    expect(matchesRedirectUri('http://127.0.0.1/cb', requested)).toBe(false)
  })

  it('gives no freedom to a host that only starts like an address', () => {
    expect(matchesRedirectUri('http://127.0.0.1.evil.example/cb', 'http://127.0.0.1.evil.example:1/cb')).toBe(
      false,
    )
    expect(matchesRedirectUri('http://127.0.0.1@evil.example/cb', 'http://127.0.0.1:1@evil.example/cb')).toBe(
      false,
    )
  })

  it('finds the registered one', () => {
    const registered = [REGISTERED, 'http://127.0.0.1/cb', 'http://[::1]/cb']
    expect(findRedirectUri(registered, 'http://[::1]:9/cb')).toBe('http://[::1]/cb')
    expect(findRedirectUri([], REGISTERED)).toBeUndefined()
  })

  it('accepts exactly what is equal after the port is cut out', () => {
    const tail = fc.stringMatching(/^(?:[/?][a-z0-9:@/?]{0,8})?$/)
    const port = fc.oneof(
      fc.constant(''),
      fc.integer({ min: 1, max: 65535 }).map((number) => `:${number}`),
    )
    const origin = fc.constantFrom('http://127.0.0.1', 'http://[::1]')
    fc.assert(
      fc.property(origin, port, tail, origin, port, tail, (origin1, port1, tail1, origin2, port2, tail2) => {
        const matches = matchesRedirectUri(origin1 + port1 + tail1, origin2 + port2 + tail2)
        expect(matches).toBe(origin1 === origin2 && tail1 === tail2)
      }),
    )
  })

  it('never accepts what a URL parser sends to another host', () => {
    const junk = fc
      .array(fc.constantFrom(':', '@', '.', '/', '\\', '?', '#', '8', '0', 'evil', '%40', '\t'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(junk, (text) => {
        const requested = `http://127.0.0.1${text}`
        const isMatch =
          matchesRedirectUri('http://127.0.0.1/', requested) ||
          matchesRedirectUri('http://127.0.0.1', requested)
        if (isMatch) expect(new URL(requested).hostname).toBe('127.0.0.1')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('redirectOrigin', () => {
  it.each([
    ['https://App.Example/cb?x=1', 'https://app.example'],
    ['https://app.example:443/cb', 'https://app.example'],
    ['https://app.example:8443/cb', 'https://app.example:8443'],
    ['http://localhost:5173/cb', 'http://localhost:5173'],
    ['http://127.0.0.1:51234/cb', 'http://127.0.0.1:51234'],
    ['http://[::1]:51234/cb', 'http:'],
    ['https://[2001:db8::1]/cb', 'https:'],
    ['com.example.app:/cb', 'com.example.app:'],
    ['MyApp://', 'myapp:'],
    ["https://a.example;script-src 'unsafe-inline'/cb", undefined],
    ['https://user@a.example/cb', undefined],
    ['https:/a.example', undefined],
    ['nothing', undefined],
    ['', undefined],
  ])('M-16: %s gives %s', (uri, origin) => {
    expect(redirectOrigin(uri)).toBe(origin)
  })

  it('is always one CSP source', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (uri) => {
          expect(redirectOrigin(uri) ?? 'https:').toMatch(
            /^[a-z][a-z0-9+.-]*:(?:\/\/[a-z0-9._-]+(?::[0-9]+)?)?$/,
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('isLoopbackRedirect', () => {
  it.each(['http://localhost/cb', 'http://LOCALHOST:1/cb', 'http://127.0.0.1:80', 'http://[::1]:3000/cb'])(
    'knows %s',
    (uri) => {
      expect(isLoopbackRedirect(uri)).toBe(true)
    },
  )

  it.each([
    'https://localhost/cb',
    'http://localhost.evil.example/cb',
    'http://localhost@evil.example/cb',
    'http://x@localhost/cb',
    'http://127.0.0.2/cb',
    'http://localhost:x/cb',
    'http:/localhost/cb',
    'localhost',
    '',
  ])('does not take %j for one', (uri) => {
    expect(isLoopbackRedirect(uri)).toBe(false)
  })
})
