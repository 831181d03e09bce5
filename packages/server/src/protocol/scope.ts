const MAX_LENGTH = 4096
const MAX_TOKENS = 100
const TOKENS = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

/**
 * The scope tokens of `scope` (RFC 6749 §3.3), each once, in the order of the request.
 * `undefined` where the grammar is broken, or with more than 4096 characters or 100 tokens. An empty text has
 * none, so that what `formatScope` wrote can be read again.
 */
export function parseScope(text: string): readonly string[] | undefined {
  if (text === '') return []
  if (text.length > MAX_LENGTH || !TOKENS.test(text)) return undefined
  const tokens = text.split(' ')
  if (tokens.length > MAX_TOKENS) return undefined
  return tokens.filter((token, index) => tokens.indexOf(token) === index)
}

export function formatScope(tokens: readonly string[]): string {
  return tokens.join(' ')
}

/** Whether every token of `narrow` is in `wide`. */
export function isSubset(narrow: readonly string[], wide: readonly string[]): boolean {
  return narrow.every((token) => wide.includes(token))
}

/** The tokens of `wanted` that `allowed` has too, in the order of `wanted`. */
export function intersect(wanted: readonly string[], allowed: readonly string[]): readonly string[] {
  return wanted.filter((token) => allowed.includes(token))
}
