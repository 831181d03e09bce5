import type { Problem } from './types.ts'

/**
 * Dynamic scopes: `transfers.{account}` is declared, `transfers.12345` is asked for. To RFC 6749 §3.3 a requested value
 * is a scope token like any other; what a token may look like is left to the authorization server.
 */
export interface ScopePattern {
  /** As it was declared. */
  readonly name: string
  readonly placeholders: readonly string[]
  /** The values that a requested scope has in the places of the placeholders; `undefined` where it does not match. */
  match(scope: string): Readonly<Record<string, string>> | undefined
}

export type ScopePatternProblem = Problem<
  'braces' | 'placeholder_name' | 'placeholder_twice' | 'too_many' | 'no_prefix' | 'no_separator'
>

/** What a placeholder stands for: nothing that a shell, a URL or a list of scopes gives a meaning to, and no dot. */
const VALUE = 'A-Za-z0-9_~:@-'
const VALUE_CHARACTER = new RegExp(`^[${VALUE}]$`)
const ONLY_VALUE_CHARACTERS = new RegExp(`^[${VALUE}]*$`)
const MAX_VALUE_LENGTH = 64
const MAX_PLACEHOLDERS = 4
const PLACEHOLDER_NAME = /^[a-z][a-z0-9_]{0,31}$/

/** Whether a declared name is meant as a pattern. */
export function isScopePattern(name: string): boolean {
  return name.includes('{') || name.includes('}')
}

/**
 * Reads a pattern. It begins with text of its own, so that none matches every scope, and between two placeholders stands
 * a character that no value holds, so that a scope can be read in one way only.
 */
export function parseScopePattern(name: string): ScopePattern | ScopePatternProblem {
  const parts = name.split(/\{([^{}]*)\}/)
  const literals = parts.filter((_, index) => index % 2 === 0)
  const placeholders = parts.filter((_, index) => index % 2 === 1)
  if (placeholders.length === 0 || literals.some(isScopePattern)) return { problem: 'braces' }
  if (!placeholders.every((placeholder) => PLACEHOLDER_NAME.test(placeholder)))
    return { problem: 'placeholder_name' }
  if (new Set(placeholders).size < placeholders.length) return { problem: 'placeholder_twice' }
  if (placeholders.length > MAX_PLACEHOLDERS) return { problem: 'too_many' }
  const [prefix = ''] = literals
  if (prefix === '') return { problem: 'no_prefix' }
  if (literals.slice(1, -1).some((literal) => ONLY_VALUE_CHARACTERS.test(literal)))
    return { problem: 'no_separator' }

  const expression = new RegExp(
    `^${literals.map((literal) => RegExp.escape(literal)).join(`([${VALUE}]{1,${MAX_VALUE_LENGTH}})`)}$`,
  )
  return {
    name,
    placeholders,
    match(scope) {
      // Most scopes that are asked for are another's: this tells it at a fraction of the cost.
      if (!scope.startsWith(prefix)) return undefined
      const found = expression.exec(scope)
      if (!found) return undefined
      return Object.fromEntries(placeholders.map((placeholder, at) => [placeholder, found[at + 1] ?? '']))
    },
  }
}

/** A scope that matches a pattern, to show what is meant. */
export function exampleOf({ name }: Pick<ScopePattern, 'name'>): string {
  return name.replace(/\{[^{}]*\}/g, '12345')
}

/** A text about a pattern with the values in place of its placeholders. */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z][a-z0-9_]*)\}/g, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? placeholder) : placeholder,
  )
}

/** The placeholders that a text names and a pattern does not have: misspelt ones. */
export function foreignPlaceholders(text: string, { placeholders }: ScopePattern): readonly string[] {
  const named = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  return named.filter((name) => !placeholders.includes(name))
}

/**
 * Whether some scope matches both patterns. The two are run side by side as automata; the length of values is left out
 * of account, so the answer errs on the side of yes.
 */
export function patternsOverlap(one: ScopePattern, other: ScopePattern): boolean {
  const [left, right] = [elementsOf(one.name), elementsOf(other.name)]
  const seen = new Set<string>()
  const open: Array<readonly [number, number]> = [[0, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [i, j] = next
    if (i === left.length && j === right.length) return true
    const [a, b] = [left[i], right[j]]
    if (a === undefined || b === undefined || !canBeSame(a, b) || seen.has(`${i} ${j}`)) continue
    seen.add(`${i} ${j}`)
    for (const nextI of a === ANY_VALUE ? [i, i + 1] : [i + 1])
      for (const nextJ of b === ANY_VALUE ? [j, j + 1] : [j + 1]) open.push([nextI, nextJ])
  }
  return false
}

/** Stands for one or more characters of a value. */
const ANY_VALUE = '{}'

function elementsOf(name: string): readonly string[] {
  return name.split(/(\{[^{}]*\})/).flatMap((part) => (part.startsWith('{') ? [ANY_VALUE] : [...part]))
}

function canBeSame(a: string, b: string): boolean {
  if (a === b) return true
  if (a === ANY_VALUE) return VALUE_CHARACTER.test(b)
  return b === ANY_VALUE && VALUE_CHARACTER.test(a)
}
