import { indexScopes, scopeSetting } from '../../core/workspaces/scopes.ts'
import { exampleOf, foreignPlaceholders, patternsOverlap } from '../../protocol/dynamic-scope.ts'
import { didYouMean } from '../nearest.ts'
import { list, text } from './raw.ts'
import type { Report } from './rule.ts'

type Path = readonly (string | number)[]

/** The scopes of a workspace as requests will see them. */
export type KnownScopes = ReturnType<typeof indexScopes>

export function knownScopes(workspace: unknown): KnownScopes {
  return indexScopes(
    list(workspace, 'scopes').flatMap((scope) => {
      const name = text(scope, 'name')
      return name === undefined ? [] : [{ name }]
    }),
  )
}

/** What a client or a resource lists: names, patterns, and values of patterns. */
export function checkScopes(scopes: readonly string[], known: KnownScopes, path: Path, report: Report): void {
  for (const scope of scopes) {
    if (scope === '' || known.scopeNames.includes(scope) || scopeSetting(known, scope)) continue
    const fix =
      didYouMean(scope, known.scopeNames) ||
      ` Add it to the workspace’s scopes: { "name": ${JSON.stringify(scope)} }.`
    report(path, `received ${JSON.stringify(scope)}, which is not a scope of this workspace.${fix}`)
  }
}

/** What is granted where a request names no scope: a pattern without its value would be nothing. */
export function checkDefaultScope(workspace: unknown, known: KnownScopes, report: Report): void {
  const scopes = text(workspace, 'default_scope')?.split(' ') ?? []
  checkScopes(scopes, known, ['default_scope'], report)
  const pattern = known.scopePatterns.find(({ setting }) => scopes.includes(setting.name))?.pattern
  if (pattern === undefined) return
  report(
    ['default_scope'],
    `received ${JSON.stringify(pattern.name)}, a pattern without its value. Remove it, or name a value: ${exampleOf(pattern)}.`,
  )
}

/** Every scope matches one pattern at most, and a description names placeholders that its pattern has. */
export function checkPatterns(workspace: unknown, { scopePatterns }: KnownScopes, report: Report): void {
  for (const [index, scope] of list(workspace, 'scopes').entries()) {
    const at = scopePatterns.findIndex(({ setting }) => setting.name === text(scope, 'name'))
    const own = scopePatterns[at]?.pattern
    if (own === undefined) continue
    const twin = scopePatterns
      .slice(0, at)
      .find(({ pattern }) => pattern.name !== own.name && patternsOverlap(own, pattern))
    if (twin) {
      report(
        ['scopes', index, 'name'],
        `received ${JSON.stringify(own.name)}, which can match the same scope as ${JSON.stringify(twin.pattern.name)}. Begin one of them with other text.`,
      )
    }
    const [foreign] = foreignPlaceholders(text(scope, 'description') ?? '', own)
    if (foreign === undefined) continue
    report(
      ['scopes', index, 'description'],
      `received the placeholder {${foreign}}, which ${JSON.stringify(own.name)} does not have.${didYouMean(foreign, own.placeholders)} It has ${own.placeholders.map((name) => `{${name}}`).join(', ')}.`,
    )
  }
}
