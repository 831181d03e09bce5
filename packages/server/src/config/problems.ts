import type { z } from 'zod'
import { didYouMean } from './nearest.ts'
import { member } from './schema/raw.ts'
import { schemaMembers } from './zod-json-schema.ts'

export interface Problem {
  readonly path: readonly PropertyKey[]
  /** What follows the path: what was received, what is expected, the fix. */
  readonly text: string
}

/** What to call a member in messages, by its path as text: a value from the environment is not in the file. */
export type Names = ReadonlyMap<string, string>

type Issue = z.core.$ZodIssue

/** Members whose value must not be shown. */
const SECRET = new Set(['client_secret', 'value', 'password', 'database', 'smtp_url'])

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  nonoptional: 'a value',
}

/** One line a problem, `path: text`, each once. */
export function formatProblems(problems: readonly Problem[], names: Names = new Map()): readonly string[] {
  const lines = problems.map(({ path, text }) => {
    const at = formatPath(path)
    return `${names.get(at) ?? at}: ${text}`
  })
  return [...new Set(lines)]
}

/** What zod found, in words. `input` is what was parsed, and `schema` what it was parsed with. */
export function describeIssues(issues: readonly Issue[], input: unknown, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys')
      return [{ path: issue.path, text: describe(issue, valueAt(input, issue.path)) }]
    const known = schemaMembers(schema, issue.path)
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      text: unknownMember(key, issue.path, known),
    }))
  })
}

function describe(issue: Issue, value: unknown): string {
  if (issue.code === 'custom' && !issue.message.startsWith('expected')) return issue.message
  const received = value === undefined ? 'is missing' : `received ${shown(value, issue.path.at(-1))}`
  return `${received}, ${sentence(expectation(issue, value))}`
}

function expectation(issue: Issue, value: unknown): string {
  if (issue.message.startsWith('expected')) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}${conversion(issue.expected, value)}`
    case 'invalid_value':
      return `expected ${choice(issue.values.map(String))}.${typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : ''}`
    case 'too_small':
      return `expected at least ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `expected at most ${issue.maximum}${unit(issue.origin)}`
    case 'invalid_union':
      return `expected ${choice(unionOptions(issue))}`
    default:
      return `expected something else: ${issue.message}`
  }
}

function unionOptions(issue: Issue): readonly string[] {
  const options = member(issue, 'options')
  return Array.isArray(options) ? options.map(String) : ['one of the types in the documentation']
}

function conversion(expected: string, value: unknown): string {
  if (typeof value === 'string' && /^\d+$/.test(value) && /^(?:number|int)$/.test(expected))
    return '. Remove the quotes'
  if (typeof value === 'string' && /^(?:true|false)$/.test(value) && expected === 'boolean')
    return '. Remove the quotes'
  if (typeof value === 'string' && expected === 'array') return '. Put it in brackets: ["…"]'
  return ''
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' entries' : ''
}

function unknownMember(key: string, path: readonly PropertyKey[], known: readonly string[]): string {
  if (path.length === 0 && key === 'secret')
    return 'is not a member of the file. Set PIXY_SECRET or PIXY_SECRET_FILE.'
  const guess = didYouMean(key, known)
  return `is not a member that Pixy knows.${guess === '' ? ` Known here: ${known.join(', ')}.` : guess}`
}

/** A value as messages show it: short, on one line, and never a secret. */
export function shown(value: unknown, name?: PropertyKey): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  if (typeof name === 'string' && SECRET.has(name)) return `a string of ${value.length} characters`
  return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value)
}

function choice(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value))
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) value = member(value, String(key))
  return value
}

/** `tenants[0].workspaces[1].path`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (/^[A-Za-z_$][\w$]*$/.test(String(key))) text += text === '' ? String(key) : `.${String(key)}`
    else text += `[${JSON.stringify(String(key))}]`
  }
  return text === '' ? 'configuration' : text
}
