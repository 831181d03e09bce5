const MAX_LENGTH = 1024
const MAX_TAGS = 20
const TAG = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/

/** The well-formed BCP 47 tags of `ui_locales` or `claims_locales` (OIDC Core §3.1.2.1, §5.2), best first. */
export function parseUiLocales(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  return text
    .slice(0, MAX_LENGTH)
    .split(' ')
    .filter((tag) => TAG.test(tag))
    .slice(0, MAX_TAGS)
}

/**
 * The tags of `Accept-Language` (RFC 9110 §12.5.4), best first. `*`, `q=0` and what is malformed are left
 * out.
 */
export function parseAcceptLanguage(header: string | undefined): readonly string[] {
  if (header === undefined) return []
  return header
    .slice(0, MAX_LENGTH)
    .split(',', MAX_TAGS)
    .map(parseRange)
    .filter((range) => range.weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map((range) => range.tag)
}

/**
 * The first wanted locale that is available, by the lookup of RFC 4647 §3.4: `de-CH-1996` finds `de-CH`, then
 * `de`. Beyond that section a short tag also finds a longer one, `pt` the `pt-BR`. Returned as `available`
 * spells it.
 */
export function matchLocale(wanted: readonly string[], available: readonly string[]): string | undefined {
  for (const tag of wanted) {
    const range = tag.toLowerCase()
    const found =
      lookUp(range, available) ?? available.find((locale) => locale.toLowerCase().startsWith(`${range}-`))
    if (found !== undefined) return found
  }
  return undefined
}

function lookUp(range: string, available: readonly string[]): string | undefined {
  for (let rest = range; rest !== ''; rest = withoutLastSubtag(rest)) {
    const found = available.find((locale) => locale.toLowerCase() === rest)
    if (found !== undefined) return found
  }
  return undefined
}

/** A single letter or digit that introduced the removed subtag goes with it (RFC 4647 §3.4). */
function withoutLastSubtag(tag: string): string {
  const shorter = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))
  return shorter.charAt(shorter.length - 2) === '-' ? shorter.slice(0, -2) : shorter
}

function parseRange(range: string): { readonly tag: string; readonly weight: number } {
  const [tag = '', parameter] = range.split(';', 2)
  const weight = parameter === undefined ? 1 : parseWeight(parameter.trim())
  return { tag: tag.trim(), weight: TAG.test(tag.trim()) ? weight : 0 }
}

/** `qvalue` (RFC 9110 §12.4.2). */
function parseWeight(parameter: string): number {
  return /^[qQ]=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(parameter) ? Number(parameter.slice(2)) : 0
}
