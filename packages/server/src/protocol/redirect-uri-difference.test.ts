import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestRedirectUri } from './redirect-uri.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))

describe('nearestRedirectUri', () => {
  const registered = ['https://app.example/callback', 'http://localhost:5173/callback', 'com.example.app:/cb']

  it.each([
    ['https://app.example/callback/', 0, 'trailing slash: received one, registered without'],
    [
      'https://app.example/Callback',
      0,
      'path (upper and lower case): received /Callback, registered /callback',
    ],
    [
      'https://APP.example/callback',
      0,
      'host (upper and lower case): received APP.example, registered app.example',
    ],
    ['http://app.example/callback', 0, 'scheme: received http, registered https'],
    ['https://app.example/callback?x=1', 0, 'query: received x=1, registered none'],
    ['https://app.example/callback#x', 0, 'fragment: received x, registered none'],
    ['https://app.example:8443/callback', 0, 'port: received 8443, registered none'],
    ['https://u@app.example/callback', 0, 'host: received u@app.example, registered app.example'],
    ['https://app.example/cb', 0, 'path: received /cb, registered /callback'],
    ['http://localhost:3000/callback', 1, 'port: received 3000, registered 5173'],
    ['http://127.0.0.1:5173/callback', 1, 'host: received 127.0.0.1, registered localhost'],
    ['com.example.app://cb', 2, 'host: received cb, registered none; path: received none, registered /cb'],
    [' https://app.example/callback', 0, 'white space around the URI'],
    ['https%3A%2F%2Fapp.example%2Fcallback', 0, 'encoding: the URI was percent-encoded twice'],
    ['/callback', 0, 'scheme: none, the URI is not absolute'],
    ['https://app.example/callback?', 0, 'spelling: received https://app.example/callback?'],
    [`https://app.example/${'a'.repeat(4000)}`, 0, 'length: received 4020 characters'],
  ])('explains %s', (requested, index, difference) => {
    expect(nearestRedirectUri(registered, requested)).toEqual({ registered: registered[index], difference })
  })

  it('names a missing trailing slash', () => {
    const nearest = nearestRedirectUri(['https://app.example/'], 'https://app.example')
    expect(nearest?.difference).toBe('trailing slash: received none, registered with one')
  })

  it('has nothing to say where none is registered', () => {
    expect(nearestRedirectUri([], 'https://app.example/')).toBeUndefined()
  })

  it('always names one of the registered and stays short', () => {
    fc.assert(
      fc.property(fc.array(fc.webUrl(), { minLength: 1 }), fc.oneof(anyText, fc.webUrl()), (uris, uri) => {
        const nearest = nearestRedirectUri(uris, uri)
        expect(uris).toContain(nearest?.registered)
        expect(nearest?.difference.length).toBeLessThan(1500)
      }),
    )
  })
})
