import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchLocale, parseAcceptLanguage, parseUiLocales } from './locale.ts'

describe('parseUiLocales (OIDC Core §3.1.2.1)', () => {
  it('keeps well-formed tags in order', () => {
    expect(parseUiLocales('fr-CA fr  en')).toEqual(['fr-CA', 'fr', 'en'])
    expect(parseUiLocales('de <script> ../../etc toolongsubtag en_US')).toEqual(['de'])
    expect(parseUiLocales(undefined)).toEqual([])
    expect(parseUiLocales('de '.repeat(100))).toHaveLength(20)
  })
})

describe('parseAcceptLanguage (RFC 9110 §12.5.4)', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['da, en-gb;q=0.8, en;q=0.7', ['da', 'en-gb', 'en']],
    ['en;q=0.5,de-CH,fr;q=0.9', ['de-CH', 'fr', 'en']],
    ['en;q=0, de;Q=1.000, *;q=0.1', ['de']],
    ['en;q=2, de;q=-1, fr;q=0.1234, it; q=0.4', ['it']],
    ['a,b,c', ['a', 'b', 'c']],
  ])('orders %j', (header, tags) => {
    expect(parseAcceptLanguage(header)).toEqual(tags)
  })

  it('reads at most 20 ranges', () => {
    expect(parseAcceptLanguage('en,'.repeat(1000))).toHaveLength(20)
  })
})

describe('matchLocale (RFC 4647 §3.4)', () => {
  const available = ['en', 'de', 'pt-BR', 'zh-Hant-TW', 'zh-Hans']

  it.each([
    [['de-CH-1996'], 'de'],
    [['DE'], 'de'],
    [['xx', 'en-GB'], 'en'],
    [['pt'], 'pt-BR'],
    [['zh-Hant-TW-x-private'], 'zh-Hant-TW'],
    [['zh'], 'zh-Hant-TW'],
    [['fr', 'it'], undefined],
    [[], undefined],
    [['d'], undefined],
  ])('%j finds %s', (wanted, found) => {
    expect(matchLocale(wanted, available)).toBe(found)
  })

  it('gives up a subtag together with the singleton before it', () => {
    expect(matchLocale(['de-x-foo'], ['de-x', 'de'])).toBe('de')
  })

  it('finds what is available in any case, and never throws', () => {
    const tag = fc.stringMatching(/^[a-z]{2}(?:-[A-Z]{2})?$/)
    fc.assert(
      fc.property(tag, fc.array(tag), fc.string(), (wanted, others, junk) => {
        expect(matchLocale([wanted.toUpperCase()], [wanted, ...others])).toBe(wanted)
        matchLocale([...parseAcceptLanguage(junk), ...parseUiLocales(junk), junk], others)
      }),
    )
  })
})
