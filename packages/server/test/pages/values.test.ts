import { describe, expect, it } from 'vitest'
import { difference, nearest } from '../../src/pages/difference.ts'
import { imageUrl, supportUrl, webUrl, webUrlOrPath, withLocale } from '../../src/pages/urls.ts'

describe('withLocale', () => {
  it.each([
    ['/sign-in', '/sign-in?ui_locales=de'],
    ['/sign-in?flow=flow_1', '/sign-in?flow=flow_1&ui_locales=de'],
    ['/sign-in?ui_locales=ar&flow=flow_1', '/sign-in?flow=flow_1&ui_locales=de'],
    ['/sign-in?a=%20?x&b=+#part', '/sign-in?a=%20?x&b=+&ui_locales=de'],
    ['', '?ui_locales=de'],
  ])('%s', (url, expected) => {
    expect(withLocale(url, 'de')).toBe(expected)
  })
})

describe('addresses', () => {
  it('are linked when they are of the web', () => {
    expect(webUrl('https://a.example/x')).toBe('https://a.example/x')
    expect(webUrl('http://localhost:3000')).toBe('http://localhost:3000/')
    for (const text of [null, undefined, '', '/path', 'javascript:x', 'com.example:/x', 'https://']) {
      expect(webUrl(text)).toBeNull()
    }
    expect(webUrlOrPath('/docs/errors/x')).toBe('/docs/errors/x')
    expect(webUrlOrPath('//evil.example')).toBeNull()
    expect(supportUrl('mailto:help@a.example')).toBe('mailto:help@a.example')
    expect(supportUrl('tel:1')).toBeNull()
  })

  it('are images when the policy lets the browser load them', () => {
    const issuer = 'https://auth.example/acme/main'
    expect(imageUrl('data:image/png;base64,AA', issuer)).toBe('data:image/png;base64,AA')
    expect(imageUrl('https://auth.example/logos/1', issuer)).toBe('https://auth.example/logos/1')
    expect(imageUrl('/logos/1', issuer)).toBe('/logos/1')
    for (const text of [
      null,
      '',
      'https://cdn.example/1',
      '//cdn.example/1',
      'data:text/html,x',
      'javascript:x',
    ]) {
      expect(imageUrl(text, issuer)).toBeNull()
    }
  })
})

describe('difference', () => {
  it.each([
    ['http://127.0.0.1:1/cb', 'http://localhost:1/cb', 'http://', '127.0.0.1', ':1/cb'],
    ['https://a/cb/', 'https://a/cb', 'https://a/cb', '/', ''],
    ['https://a/cb', 'https://a/cb/', 'https://a/cb', '', ''],
    ['aa', 'aaa', 'aa', '', ''],
    ['same', 'same', 'same', '', ''],
    ['', 'x', '', '', ''],
    ['a\u{1F600}b', 'a\u{1F601}b', 'a', '\u{1F600}', 'b'],
  ])('%s against %s', (text, other, same, differs, sameAgain) => {
    expect(difference(text, other)).toEqual({ same, differs, sameAgain })
  })

  it('is told against the nearest', () => {
    expect(nearest('https://a/cb/', ['http://x', 'https://a/cb', 'https://a'])).toBe('https://a/cb')
    expect(nearest('x', [])).toBe('')
  })
})
