import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type EnvironmentVariables, reasonOf } from './environment.ts'
import { formatPath } from './problems.ts'

/** Members that hold a secret; `value` is that of an entry of `client_secrets`. */
const SECRETS = new Set(['client_secret', 'password', 'value'])

export interface ReferenceContext {
  readonly env: EnvironmentVariables
  /** Where `file:` paths start. */
  readonly folder: string
}

/** Replaces secrets written as `env:NAME` or `file:PATH` by what these hold, so that the file itself holds none. */
export function resolveSecrets(
  input: unknown,
  context: ReferenceContext,
): { readonly value: unknown; readonly problems: readonly string[] } {
  const problems: string[] = []
  return { value: walk(input, [], context, problems), problems }
}

type Path = readonly (string | number)[]

function walk(value: unknown, path: Path, context: ReferenceContext, problems: string[]): unknown {
  if (Array.isArray(value))
    return value.map((inner: unknown, index) => walk(inner, [...path, index], context, problems))
  if (typeof value === 'string') return isSecret(path) ? read(value, path, context, problems) : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, walk(inner, [...path, name], context, problems)]),
  )
}

function isSecret(path: Path): boolean {
  const name = path.at(-1)
  // A claim called `password` or `value` is the person's own affair.
  return typeof name === 'string' && SECRETS.has(name) && !path.includes('claims')
}

function read(
  text: string,
  path: Path,
  { env, folder }: ReferenceContext,
  problems: string[],
): string | undefined {
  const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(text) ?? []
  if (kind === undefined) return text
  if (kind === 'env') {
    const value = env[name]
    if (value) return value
    problems.push(
      `${formatPath(path)}: received ${JSON.stringify(text)}, but the variable is not set. Set ${name}.`,
    )
    return 'unset'
  }
  try {
    return readFileSync(resolve(folder, name), 'utf8').replace(/[\r\n]+$/, '')
  } catch (error) {
    problems.push(
      `${formatPath(path)}: received ${JSON.stringify(text)}, which cannot be read (${reasonOf(error)}). Name a readable file.`,
    )
    return 'unset'
  }
}
