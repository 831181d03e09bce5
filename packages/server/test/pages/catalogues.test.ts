import { readdirSync, readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'
import { createPages } from '../../src/pages/pages.ts'
import { createTranslate, english, locales, pseudoLocale } from '../../src/pages/translate.ts'
import { aContext, samplesOf } from './support.ts'

type Elements = ReturnType<IntlMessageFormat['getAst']>
const LITERAL = 0
const PLURAL = 6
const POUND = 7

/** Every argument a message needs, in its branches too. */
function argumentsOf(elements: Elements): string[] {
  const found = elements.flatMap((element) => [
    ...(element.type === LITERAL || element.type === POUND ? [] : [String(element.value)]),
    ...('options' in element
      ? Object.values(element.options).flatMap(({ value }) => argumentsOf(value))
      : []),
  ])
  return [...new Set(found)].sort()
}

const parse = (text: string): Elements =>
  new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst()

describe.each(locales.map((definition) => [definition.locale, definition] as const))(
  'catalogue %s',
  (locale, own) => {
    it('has the keys of English in its order', () => {
      expect(Object.keys(own.messages)).toEqual(Object.keys(english.messages))
    })

    it('has its arguments, and nothing empty', () => {
      for (const [key, text] of Object.entries(own.messages)) {
        const source = Object.entries(english.messages).find(([name]) => name === key)?.[1] ?? ''
        expect(text.trim(), key).not.toBe('')
        expect(argumentsOf(parse(text)), key).toEqual(argumentsOf(parse(source)))
      }
    })

    it('has every plural form of the language', () => {
      const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
      for (const [key, text] of Object.entries(own.messages)) {
        for (const element of parse(text)) {
          if (element.type !== PLURAL || !('options' in element)) continue
          expect(Object.keys(element.options).sort(), key).toEqual([...forms].sort())
        }
      }
    })

    it('is one of the files there are', () => {
      const folder = new URL('../../src/pages/locales/', import.meta.url)
      expect(readdirSync(folder).sort()).toEqual(
        locales.map((definition) => `${definition.locale}.json`).sort(),
      )
      expect(JSON.parse(readFileSync(new URL(`${locale}.json`, folder), 'utf8'))).toEqual(own.messages)
    })
  },
)

describe('translate', () => {
  it('shows English for what a catalogue lacks', () => {
    const t = createTranslate({
      locale: 'xx',
      name: 'X',
      direction: 'ltr',
      messages: { 'sign_in.title': 'Xign in' },
    })
    expect(t('sign_in.title')).toBe('Xign in')
    expect(t('sign_in.cancel')).toBe('Cancel')
    expect(t('wait.minutes', { count: 2 })).toBe('2 minutes')
  })

  it('takes arguments as text, never as a message', () => {
    const t = createTranslate(english)
    expect(t('page.title', { title: '{brand} <b>', brand: "'{'" })).toBe("{brand} <b> · '{'")
  })

  it('makes a longer, accented language for tests', () => {
    const t = createTranslate(pseudoLocale)
    expect(t('sign_in.title')).toBe('Šígñ íñ~~~')
    expect(t('wait.minutes', { count: 2 })).toMatch(/^2 míñútéš~+$/)
    expect(t('page.title', { title: 'A', brand: 'B' })).toMatch(/^A ·~+ B$/)
  })

  it('leaves no English in a page of the other languages', () => {
    const words = ['Sign in', 'Password', 'Allow', 'Deny', 'Required', 'Reference', 'Cancel', 'Error']
    const pages = createPages()
    for (const locale of ['de', 'ar']) {
      for (const page of [
        'sign-in',
        'consent',
        'error',
        'select-account',
        'sign-out',
        'signed-out',
      ] as const) {
        const [sample] = samplesOf(page)
        const html = sample?.render(pages, aContext({ locales: [locale] })).html ?? ''
        for (const word of words) expect(html, `${page} ${locale}`).not.toContain(`>${word}<`)
      }
    }
  })
})
