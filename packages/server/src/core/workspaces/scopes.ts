import { fillPlaceholders, isScopePattern, parseScopePattern } from '../../protocol/dynamic-scope.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ScopeSetting } from '../../store/records.ts'
import { type DynamicScope, STANDARD_SCOPES, type Workspace } from './workspace.ts'

type ScopeIndex = Pick<Workspace, 'scopes' | 'scopePatterns' | 'scopeNames'>

/** Sorts a workspace's scopes for look-up: names into a map, patterns into a list that is asked only where that fails. */
export function indexScopes(settings: readonly ScopeSetting[]): ScopeIndex {
  const scopes = new Map<string, ScopeSetting>(STANDARD_SCOPES.map((name) => [name, { name }]))
  const scopePatterns: DynamicScope[] = []
  for (const setting of settings) {
    const pattern = isScopePattern(setting.name) ? parseScopePattern(setting.name) : undefined
    // Names of before there were patterns may hold braces that mean nothing.
    if (pattern === undefined || isProblem(pattern)) scopes.set(setting.name, setting)
    else scopePatterns.push({ setting, pattern })
  }
  const scopeNames = [...new Set([...STANDARD_SCOPES, ...settings.map(({ name }) => name)])]
  return { scopes, scopePatterns, scopeNames }
}

type WithScopes = Pick<ScopeIndex, 'scopes' | 'scopePatterns'>

/**
 * The setting of a scope as it is asked for: by its exact name, else of the first pattern that matches, with the values
 * in its description. `undefined`: no scope of this workspace; the pattern itself, without a value, is none either.
 */
export function scopeSetting(workspace: WithScopes, scope: string): ScopeSetting | undefined {
  const exact = workspace.scopes.get(scope)
  if (exact) return exact
  const found = findPattern(workspace, scope)
  if (found?.setting.description === undefined) return found?.setting
  return { ...found.setting, description: fillPlaceholders(found.setting.description, found.values) }
}

function findPattern({ scopePatterns }: WithScopes, scope: string) {
  for (const { setting, pattern } of scopePatterns) {
    const values = pattern.match(scope)
    if (values) return { setting, values }
  }
  return undefined
}

/** The name of the pattern that a scope is a value of. */
export function patternOf(workspace: WithScopes, scope: string): string | undefined {
  return workspace.scopes.has(scope) ? undefined : findPattern(workspace, scope)?.setting.name
}

/** Whether a list of scopes, such as a client's, names this one: itself, or its pattern. */
export function coversScope(workspace: WithScopes, list: readonly string[], scope: string): boolean {
  if (list.includes(scope)) return true
  const pattern = patternOf(workspace, scope)
  return pattern !== undefined && list.includes(pattern)
}
