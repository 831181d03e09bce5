/**
 * Reads the hosted pages: forms with stable ids, rendered by ourselves. Not for HTML of strangers: what it does not find
 * is simply not there.
 */
export interface HtmlForm {
  /** Absolute or relative; the page's own address where it is empty. */
  readonly action: string
  readonly inputs: readonly HtmlInput[]
}

export interface HtmlInput {
  readonly type: string
  readonly name: string
  readonly value: string
  readonly checked: boolean
  readonly disabled: boolean
}

/** The form with this id, or nothing. */
export function findForm(html: string, id: string): HtmlForm | undefined {
  for (const [, tag = '', inner = ''] of html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)) {
    const attributes = readAttributes(tag)
    if (attributes.get('id') !== id) continue
    return {
      action: attributes.get('action') ?? '',
      inputs: [...inner.matchAll(/<input\b([^>]*)>/gi)].map(toInput),
    }
  }
  return undefined
}

/** What an element with this id says, without tags. */
export function textOfElement(html: string, id: string): string | undefined {
  const start = new RegExp(`<([a-z][a-z0-9]*)\\b[^>]*\\bid="${id}"[^>]*>`, 'i').exec(html)
  if (!start) return undefined
  const rest = html.slice(start.index + start[0].length)
  return plainText(rest.slice(0, closingTag(rest, start[1] ?? '')))
}

/** The summary of what is wrong with a form (`role="alert"`). */
export function alertText(html: string): string | undefined {
  const found = /<([a-z]+)\b[^>]*\brole="alert"[^>]*>/i.exec(html)
  if (!found) return undefined
  const rest = html.slice(found.index + found[0].length)
  return plainText(rest.slice(0, closingTag(rest, found[1] ?? '')))
}

/** Names and values of description lists, names in lower case. */
export function definitions(html: string): ReadonlyMap<string, string> {
  const found = html.matchAll(/<dt\b[^>]*>([\s\S]*?)<\/dt>\s*<dd\b[^>]*>([\s\S]*?)<\/dd>/gi)
  return new Map(
    [...found].map(([, name = '', value = '']) => [plainText(name).toLowerCase(), plainText(value)]),
  )
}

/** `data-page` of the body, which every hosted page has. */
export function pageName(html: string): string | undefined {
  return /<body\b[^>]*\bdata-page="([^"]*)"/i.exec(html)?.[1]
}

function closingTag(html: string, tag: string): number {
  let depth = 1
  for (const found of html.matchAll(new RegExp(`<(/?)${tag}\\b[^>]*>`, 'gi'))) {
    depth += found[1] === '/' ? -1 : 1
    if (depth === 0) return found.index
  }
  return html.length
}

function toInput([, tag = '']: RegExpMatchArray): HtmlInput {
  const attributes = readAttributes(tag)
  return {
    type: (attributes.get('type') ?? 'text').toLowerCase(),
    name: attributes.get('name') ?? '',
    value: attributes.get('value') ?? '',
    checked: attributes.has('checked'),
    disabled: attributes.has('disabled'),
  }
}

function readAttributes(tag: string): ReadonlyMap<string, string> {
  const found = tag.matchAll(/([a-zA-Z][\w:-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)
  return new Map(
    [...found].map(([, name = '', double, single, bare]) => [
      name.toLowerCase(),
      decode(double ?? single ?? bare ?? ''),
    ]),
  )
}

function plainText(html: string): string {
  return decode(html.replace(/<svg[\s\S]*?<\/svg>/gi, '').replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim()
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
  })
}
