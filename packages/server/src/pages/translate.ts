import { IntlMessageFormat } from 'intl-messageformat'
import type { ComponentChildren, VNode } from 'preact'
import ar from './locales/ar.json' with { type: 'json' }
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

export type MessageKey = keyof typeof en

/** ICU messages of one language. What it lacks is shown in English. */
export type Catalogue = Readonly<Partial<Record<MessageKey, string>>>

export interface LocaleDefinition {
  /** BCP 47 */
  readonly locale: string
  /** The language's name in itself. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
  readonly messages: Catalogue
  /** Where numbers and plurals go by another tag than the page's `lang`. */
  readonly format?: string
  /** Applied to each message's text. */
  readonly transform?: (text: string) => string
}

export const english: LocaleDefinition = { locale: 'en', name: 'English', direction: 'ltr', messages: en }

/** The languages that are shipped, best known first. */
export const locales: readonly LocaleDefinition[] = [
  english,
  { locale: 'de', name: 'Deutsch', direction: 'ltr', messages: de },
  // Latin digits: they stand beside codes, ids and host names, and ICU has changed its mind about the default.
  { locale: 'ar', name: 'العربية', direction: 'rtl', messages: ar, format: 'ar-u-nu-latn' },
]

type Values = Readonly<Record<string, string | number>>
type RichValues = Readonly<Record<string, string | number | VNode>>

/** The texts of one language; each message is compiled at its first use. */
export interface Translate {
  (key: MessageKey, values?: Values): string
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
  /** For messages that hold markup: `{client}` may be an element. */
  rich(key: MessageKey, values: RichValues): ComponentChildren
  /** "a, b and c" */
  list(items: readonly VNode[]): ComponentChildren
}

export function createTranslate(definition: LocaleDefinition): Translate {
  const { locale, direction, messages, transform, format = locale } = definition
  const compiled = new Map<MessageKey, string | IntlMessageFormat>()
  const lists = new Intl.ListFormat(format, { type: 'conjunction' })

  const message = (key: MessageKey): string | IntlMessageFormat => {
    const known = compiled.get(key)
    if (known !== undefined) return known
    const own = messages[key]
    const fresh = own === undefined ? compile(en[key], 'en', transform) : compile(own, format, transform)
    compiled.set(key, fresh)
    return fresh
  }

  const rich = (key: MessageKey, values: RichValues): string | VNode | (string | VNode)[] => {
    const found = message(key)
    return typeof found === 'string' ? found : found.format<VNode>(values)
  }

  const translate = (key: MessageKey, values: Values = {}): string => {
    const text = rich(key, values)
    return typeof text === 'string' ? text : ''
  }

  const list = (items: readonly VNode[]): ComponentChildren =>
    lists
      .formatToParts(items.map((_, index) => String(index)))
      .map((part) => (part.type === 'element' ? items[Number(part.value)] : part.value))

  return Object.assign(translate, { locale, direction, rich, list })
}

/** A message without arguments becomes its text, so that most calls are one look-up. */
function compile(
  text: string,
  locale: string,
  transform: LocaleDefinition['transform'],
): string | IntlMessageFormat {
  const parsed = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
  const elements = transform ? mapText(parsed.getAst(), transform) : parsed.getAst()
  const [first, ...others] = elements
  if (first === undefined) return ''
  if (others.length === 0 && first.type === LITERAL) return first.value
  return transform ? new IntlMessageFormat(elements, locale) : parsed
}

type Elements = ReturnType<IntlMessageFormat['getAst']>

/** `TYPE.literal` of the parser, which is not a dependency of ours. */
const LITERAL = 0

/** The same message with `transform` applied to what is text, in plural and select branches too. */
function mapText(elements: Elements, transform: (text: string) => string): Elements {
  return elements.map((element) => {
    if (element.type === LITERAL) return { ...element, value: transform(element.value) }
    if (!('options' in element)) return element
    const options = Object.entries(element.options).map(([name, option]) => [
      name,
      { ...option, value: mapText(option.value, transform) },
    ])
    return { ...element, options: Object.fromEntries(options) }
  })
}

const ACCENTED = new Map(
  [...'aeiouyAEIOUYncsNCS'].map((letter, i) => [letter, [...'áéíóúýÁÉÍÓÚÝñçšÑÇŠ'][i] ?? letter]),
)

/** English that looks foreign and is 40 % longer: shows what is not translated and what does not fit. */
export const pseudoLocale: LocaleDefinition = {
  locale: 'en-XA',
  name: '[Þšéúdó]',
  direction: 'ltr',
  messages: {},
  transform: (text) => {
    const padding = '~'.repeat(Math.ceil(text.trim().length * 0.4))
    const accented = [...text].map((letter) => ACCENTED.get(letter) ?? letter).join('')
    return text.trim() === '' ? text : accented.replace(/(\s*)$/, `${padding}$1`)
  },
}
