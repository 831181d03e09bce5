import { describe, expect, it } from 'vitest'
import { didYouMean, nearest } from '../../src/config/nearest.ts'

const KNOWN = ['redirect_uris', 'client_id', 'scope', 'PIXY_URL']

describe('nearest', () => {
  it.each([
    ['redirect_uri', 'redirect_uris'],
    ['redirectUris', 'redirect_uris'],
    ['REDIRECT-URIS', 'redirect_uris'],
    ['clientid', 'client_id'],
    ['clinet_id', 'client_id'],
    ['scopes', 'scope'],
    ['PIXY_ULR', 'PIXY_URL'],
    ['something_else', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ])('%s', (name, expected) => {
    expect(nearest(name, KNOWN)).toBe(expected)
  })

  it('makes a sentence', () => {
    expect(didYouMean('scop', KNOWN)).toBe(' Did you mean "scope"?')
    expect(didYouMean('zzz', KNOWN)).toBe('')
  })
})
