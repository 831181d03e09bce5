import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatScope, intersect, isSubset, parseScope } from './scope.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))

describe('parseScope (RFC 6749 §3.3)', () => {
  it('gives each token once, in the order of the request', () => {
    expect(parseScope('openid profile openid email profile')).toEqual(['openid', 'profile', 'email'])
    expect(parseScope('read:core:entities https://api.example/x !#[]~')).toHaveLength(3)
    expect(parseScope('')).toEqual([])
  })

  it.each([' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a"b', 'a\\b', 'é', 'a\0', 'a\u00a0b'])(
    'AZ-16: refuses %j',
    (text) => {
      expect(parseScope(text)).toBeUndefined()
    },
  )

  it('is bounded: 100 tokens, 4096 characters', () => {
    expect(parseScope(Array(100).fill('a').join(' '))).toEqual(['a'])
    expect(parseScope(Array(101).fill('a').join(' '))).toBeUndefined()
    expect(parseScope('a'.repeat(4096))).toHaveLength(1)
    expect(parseScope('a'.repeat(4097))).toBeUndefined()
  })

  it('reads back what formatScope writes', () => {
    const token = fc.stringMatching(/^[!#-[\]-~]{1,20}$/)
    fc.assert(
      fc.property(fc.uniqueArray(token, { maxLength: 100 }), (tokens) => {
        expect(parseScope(formatScope(tokens))).toEqual(tokens)
      }),
    )
  })

  it('never throws and never gives a token outside the grammar', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[a-c "\\]*$/)), (text) => {
        for (const token of parseScope(text) ?? []) expect(token).toMatch(/^[!#-[\]-~]+$/)
      }),
    )
  })
})

describe('isSubset and intersect', () => {
  it('compares whole tokens', () => {
    expect(isSubset(['a'], ['b', 'a'])).toBe(true)
    expect(isSubset([], [])).toBe(true)
    expect(isSubset(['a', 'c'], ['a', 'b'])).toBe(false)
    expect(isSubset(['open'], ['openid'])).toBe(false)
    expect(intersect(['c', 'a', 'b'], ['a', 'c', 'd'])).toEqual(['c', 'a'])
  })

  it('agree with each other', () => {
    const tokens = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        expect(isSubset(intersect(a, b), a) && isSubset(intersect(a, b), b)).toBe(true)
        expect(isSubset(a, b)).toBe(intersect(a, b).length === a.length)
      }),
    )
  })
})
