import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRedirectUri, redirectOrigin } from './redirect-uri.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))

describe('checkRedirectUri, web (RFC 6749 §3.1.2, RFC 9700 §2.1)', () => {
  it.each([
    'https://app.example/callback',
    'https://app.example',
    'https://app.example/cb?tenant=1&x=%20',
    'https://app.example:8443/a/b.c/d..e/@me',
    'https://localhost:44333/Auth/LoginCallback',
    'https://xn--bcher-kva.example/cb',
    'https://192.0.2.7/cb',
    'https://[2001:db8::1]/cb',
    'https://[::1]/cb',
    'HTTPS://App.Example/cb',
  ])('accepts %s', (uri) => {
    expect(checkRedirectUri(uri, 'web')).toBeUndefined()
    expect(checkRedirectUri(uri, 'native')).toBeUndefined()
  })

  it.each([
    ['', 'empty'],
    [`https://app.example/${'a'.repeat(2048)}`, 'too_long'],
    ['/callback', 'not_absolute'],
    ['//app.example/cb', 'not_absolute'],
    ['app.example/cb', 'not_absolute'],
    ['https:', 'not_absolute'],
    ['https:app.example/cb', 'not_absolute'],
    ['https:/app.example/cb', 'not_absolute'],
    ['https:///app.example/cb', 'not_absolute'],
    ['https://', 'not_absolute'],
    ['https://?x', 'not_absolute'],
    [':https', 'not_absolute'],
    ['1https://app.example', 'not_absolute'],
    ['https://app.example/cb#', 'fragment'],
    ['https://app.example/cb#x', 'fragment'],
    ['https://*.app.example/cb', 'wildcard'],
    ['https://app.example/*', 'wildcard'],
    ['*', 'wildcard'],
    ['https://user@app.example/cb', 'userinfo'],
    ['https://user:pass@app.example/cb', 'userinfo'],
    ['https://@app.example/cb', 'userinfo'],
    ['https://app.example:443@evil.example/cb', 'userinfo'],
    ['https://app.example/c b', 'characters'],
    [' https://app.example/cb', 'characters'],
    ['https://app.example/cb\n', 'characters'],
    ['https://app.example/cb\0', 'characters'],
    ['https://app.example\\cb', 'characters'],
    ['https://app.example\\@evil.example/cb', 'characters'],
    ['https://bücher.example/cb', 'characters'],
    ['https://аpp.example/cb', 'characters'],
    ['https://app.example/<script>', 'characters'],
    ['https://app.example/"x', 'characters'],
    ['https://app.example/{id}', 'characters'],
    ['java\tscript:alert(1)', 'characters'],
    ['https://app.example/cb[1]', 'brackets'],
    ['https://app.example/cb?a[b]=1', 'brackets'],
    ['https://app[.example/cb', 'brackets'],
    ['https://app.example/%', 'percent_encoding'],
    ['https://app.example/%2', 'percent_encoding'],
    ['https://app.example/%zz', 'percent_encoding'],
    ['https://app.example/%00', 'percent_encoding'],
    ['https://app.example/%0d%0a', 'percent_encoding'],
    ['https://app.example/%7F', 'percent_encoding'],
    ['https://app.example/%5Cevil', 'percent_encoding'],
    ['https://app.example/../cb', 'dot_segments'],
    ['https://app.example/./cb', 'dot_segments'],
    ['https://app.example/cb/..', 'dot_segments'],
    ['https://app.example/cb/..;/evil', 'dot_segments'],
    ['https://app.example/cb/..;x=1', 'dot_segments'],
    ['https://app.example/cb/%2e%2E/evil', 'dot_segments'],
    ['https://app.example/cb%2f..%2Fevil', 'dot_segments'],
    ['https://app.example/cb/..%3B/evil', 'dot_segments'],
    ['https://app..example/cb', 'host'],
    ['https://app.example./cb', 'host'],
    ['https://.example/cb', 'host'],
    ['https://app%2eexample/cb', 'host'],
    ['https://2130706433/cb', 'host'],
    ['https://0x7f000001/cb', 'host'],
    ['https://127.1/cb', 'host'],
    ['https://0177.0.0.1/cb', 'host'],
    ['https://1.2.3.256/cb', 'host'],
    ['https://[::1/cb', 'host'],
    ['https://[::1]x/cb', 'host'],
    ['https://[:1]/cb', 'host'],
    ['https://[1::2::3]/cb', 'host'],
    ['https://[fe80::1%25eth0]/cb', 'host'],
    ['https://[1:2:3:4:5:6:7:8:9]/cb', 'host'],
    ['https://app.example:/cb', 'port'],
    ['https://app.example:0/cb', 'port'],
    ['https://app.example:65536/cb', 'port'],
    ['https://app.example:080/cb', 'port'],
    ['https://app.example:x/cb', 'port'],
    ['http://app.example/cb', 'http_not_loopback'],
    ['http://192.168.1.10/cb', 'http_not_loopback'],
    ['http://localhost.evil.example/cb', 'http_not_loopback'],
    ['http://127.0.0.1.evil.example/cb', 'http_not_loopback'],
    ['http://evil.example/?localhost', 'http_not_loopback'],
    ['http://localhost/cb', 'loopback_not_native'],
    ['http://127.0.0.1:3000/cb', 'loopback_not_native'],
    ['http://[::1]/cb', 'loopback_not_native'],
    ['com.example.app:/cb', 'scheme_not_native'],
    ['myapp://cb', 'scheme_not_native'],
  ])('RG-03, RG-04, RG-14: refuses %j as %s', (uri, problem) => {
    const refusal = checkRedirectUri(uri, 'web')
    expect(refusal?.problem).toBe(problem)
    expect(refusal?.hint).toMatch(/\.$/)
  })

  it('allows loopback for web clients in development only', () => {
    for (const uri of ['http://localhost:5173/cb', 'http://127.0.0.1/cb', 'http://[::1]:3000/cb']) {
      expect(checkRedirectUri(uri, 'web', { allowLoopback: true })).toBeUndefined()
    }
    expect(checkRedirectUri('http://app.example/', 'web', { allowLoopback: true })?.problem).toBe(
      'http_not_loopback',
    )
    expect(checkRedirectUri('com.example.app:/', 'web', { allowLoopback: true })?.problem).toBe(
      'scheme_not_native',
    )
  })
})

describe('checkRedirectUri, native (RFC 8252 §7)', () => {
  it.each([
    'com.example.app:/oauth2redirect/example-provider',
    'com.example.app://cb',
    'com.example.app:cb',
    'com.example.app://',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:51234/cb',
    'http://[::1]:51234/cb',
    'http://localhost:8080/callback',
  ])('accepts %s', (uri) => {
    expect(checkRedirectUri(uri, 'native')).toBeUndefined()
  })

  it.each([
    ['MyApp://', 'undotted_scheme'],
    ['myapp:/cb', 'undotted_scheme'],
    ['com.example.app://user@host/cb', 'userinfo'],
    ['com.example.app:/../cb', 'dot_segments'],
    ['com.example.app:/cb#x', 'fragment'],
    ['http://app.example/cb', 'http_not_loopback'],
    ['http://0.0.0.0:3000/cb', 'http_not_loopback'],
  ])('refuses %s as %s', (uri, problem) => {
    expect(checkRedirectUri(uri, 'native')?.problem).toBe(problem)
  })

  it('S0-02: allows a scheme without a dot where the dialect asks for it', () => {
    expect(checkRedirectUri('MyApp://', 'native', { allowUndottedScheme: true })).toBeUndefined()
    expect(checkRedirectUri('MyApp://', 'web', { allowUndottedScheme: true })?.problem).toBe(
      'scheme_not_native',
    )
  })

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'javascript://a.example/%20alert(1)',
    'data:text/html,x',
    'DATA:text/html;base64,eA==',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/x',
    'about:blank',
    'view-source:https://a.example',
    'filesystem:https://a.example/x',
    'ws://a.example/',
    'wss://a.example/',
    'ftp://a.example/',
    'mailto:a@example',
    'intent://x',
    'chrome-extension://x/y',
    'urn:ietf:wg:oauth:2.0:oob',
  ])('RG-03: refuses %s with any option', (uri) => {
    const options = { allowLoopback: true, allowUndottedScheme: true }
    expect(checkRedirectUri(uri, 'native', options)?.problem).toBe('forbidden_scheme')
  })
})

describe('checkRedirectUri, any input', () => {
  const pieces = fc.constantFrom(
    'https:',
    'http:',
    '//',
    '/',
    'a.example',
    'localhost',
    '@',
    ':',
    '80',
    '..',
    '.',
    ';',
    '%2e',
    '%',
    '?',
    '[',
    ']',
    '::1',
    '\\',
    ' ',
    'é',
  )
  const uris = fc.oneof(
    anyText,
    fc.webUrl(),
    fc.array(pieces).map((parts) => parts.join('')),
  )

  it('never throws', () => {
    fc.assert(
      fc.property(uris, fc.constantFrom('web', 'native'), (uri, type) => void checkRedirectUri(uri, type)),
      { numRuns: 2000 },
    )
  })

  it('accepts http(s) only where the URL parser of browsers reads the same host, path and query', () => {
    fc.assert(
      fc.property(uris, (uri) => {
        if (!/^https?:/i.test(uri) || checkRedirectUri(uri, 'native') !== undefined) return
        const url = new URL(uri)
        expect(url.username + url.password + url.hash).toBe('')
        expect(url.origin.startsWith(redirectOrigin(uri) ?? 'never')).toBe(true)
        expect(uri.endsWith(url.pathname + url.search) || url.pathname === '/' || uri.endsWith('?')).toBe(
          true,
        )
      }),
      { numRuns: 3000 },
    )
  })
})
