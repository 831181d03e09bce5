import { usernameKey } from '../../core/accounts/username.ts'
import { matchesLoopbackResource } from '../../core/workspaces/loopback-resource.ts'
import { sameResource } from '../../protocol/resource.ts'
import { didYouMean } from '../nearest.ts'
import { list, member, text, texts } from './raw.ts'
import type { Report } from './rule.ts'
import {
  checkDefaultScope,
  checkPatterns,
  checkScopes,
  type KnownScopes,
  knownScopes,
} from './scope-rules.ts'

type Path = readonly (string | number)[]

/** The rules between the parts of a workspace: every name is known, and none is there twice. */
export function checkWorkspace(workspace: unknown, report: Report): void {
  const names = namesOf(workspace)
  checkUnique(workspace, report)
  checkPatterns(workspace, names.scopes, report)
  checkDefaultScope(workspace, names.scopes, report)
  for (const [index, resource] of list(workspace, 'resources').entries()) {
    for (const [at, scope] of texts(resource, 'scopes')) {
      checkScopes([scope], names.scopes, ['resources', index, 'scopes', at], report)
    }
  }
  for (const [index, client] of list(workspace, 'clients').entries()) {
    checkClientNames(client, names, ['clients', index], report)
  }
  for (const [index, user] of list(workspace, 'users').entries()) {
    const source = text(user, 'source')
    if (source !== undefined)
      checkKnown(source, names.sources, 'identity source', ['users', index, 'source'], report)
  }
}

interface Names {
  readonly scopes: KnownScopes
  readonly sources: readonly string[]
  readonly resources: readonly string[]
  readonly algorithms: readonly unknown[]
  readonly loopbackResources: boolean
}

function namesOf(workspace: unknown): Names {
  return {
    scopes: knownScopes(workspace),
    sources:
      member(workspace, 'identity_sources') === undefined
        ? ['pool']
        : namesIn(workspace, 'identity_sources', 'id'),
    resources: namesIn(workspace, 'resources', 'identifier'),
    algorithms: list(workspace, 'signing_algs'),
    loopbackResources: member(workspace, 'loopback_resources') === true,
  }
}

function namesIn(value: unknown, section: string, name: string): readonly string[] {
  return list(value, section).flatMap((entry) => text(entry, name) ?? [])
}

function checkClientNames(client: unknown, names: Names, path: Path, report: Report): void {
  checkScopes(text(client, 'scope')?.split(' ') ?? [], names.scopes, [...path, 'scope'], report)
  for (const [at, source] of texts(client, 'identity_sources')) {
    checkKnown(source, names.sources, 'identity source', [...path, 'identity_sources', at], report)
  }
  for (const [at, resource] of texts(client, 'resources')) {
    if (names.loopbackResources && matchesLoopbackResource(resource)) continue
    checkKnown(resource, names.resources, 'resource', [...path, 'resources', at], report)
  }
  for (const name of ['subject_resources', 'target_resources']) {
    for (const [at, resource] of texts(member(client, 'token_exchange'), name)) {
      if (names.loopbackResources && matchesLoopbackResource(resource)) continue
      checkKnown(resource, names.resources, 'resource', [...path, 'token_exchange', name, at], report)
    }
  }
  checkDialectKeys(client, names, path, report)
  const algorithm = text(client, 'id_token_signed_response_alg')
  if (algorithm === undefined || names.algorithms.length === 0 || names.algorithms.includes(algorithm)) return
  report(
    [...path, 'id_token_signed_response_alg'],
    `received ${JSON.stringify(algorithm)}, which the workspace has no key for. Add it to signing_algs.`,
  )
}

/** Clients of the atm dialect verify access tokens by RS256, and know nothing else. */
function checkDialectKeys(client: unknown, { algorithms }: Names, path: Path, report: Report): void {
  const dialect = texts(client, 'dialects').find(([, name]) => name === 'atm')
  if (!dialect || algorithms.length === 0 || algorithms.includes('RS256')) return
  report(
    [...path, 'dialects', dialect[0]],
    'received "atm", whose access tokens are signed by RS256, which the workspace has no key for. Add "RS256" to signing_algs, or remove the dialect.',
  )
}

function checkKnown(name: string, known: readonly string[], what: string, path: Path, report: Report): void {
  if (known.includes(name)) return
  const choice =
    known.length === 0 ? 'The workspace has none.' : `Known here: ${known.slice(0, 10).join(', ')}.`
  report(
    path,
    `received ${JSON.stringify(name)}, which is not ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} of this workspace.${didYouMean(name, known)} ${choice}`,
  )
}

function checkUnique(workspace: unknown, report: Report): void {
  unique(namesWithPaths(workspace, 'scopes', 'name'), report)
  unique(namesWithPaths(workspace, 'identity_sources', 'id'), report)
  unique(namesWithPaths(workspace, 'clients', 'client_id'), report)
  unique(usersWithPaths(workspace), report)
  const resources = namesWithPaths(workspace, 'resources', 'identifier')
  for (const [index, [path, identifier]] of resources.entries()) {
    const twin = resources.slice(0, index).find(([, other]) => sameResource(other, identifier))
    if (twin)
      report(
        path,
        `received ${JSON.stringify(identifier)}, the same resource as ${JSON.stringify(twin[1])}. Remove one.`,
      )
  }
}

type Named = readonly [path: Path, name: string, shown?: string]

export function unique(names: readonly Named[], report: Report): void {
  const seen = new Set<string>()
  for (const [path, name, shown = name] of names) {
    if (seen.has(name))
      report(path, `received ${JSON.stringify(shown)} for the second time. Remove one, or give it another.`)
    seen.add(name)
  }
}

function namesWithPaths(workspace: unknown, section: string, name: string): readonly Named[] {
  return [...list(workspace, section).entries()].flatMap(([index, entry]): Named[] => {
    const found = text(entry, name)
    return found === undefined ? [] : [[[section, index, name], found]]
  })
}

/** Usernames are unique within a source, whatever their case (`core/accounts/username.ts`). */
function usersWithPaths(workspace: unknown): readonly Named[] {
  const sources = list(workspace, 'identity_sources')
  const first = text(sources[0], 'id') ?? 'pool'
  const usersIn = (section: unknown, path: Path, source: string): Named[] =>
    [...list(section, 'users').entries()].flatMap(([index, user]): Named[] => {
      const username = text(user, 'username')
      if (username === undefined) return []
      const key = `${text(user, 'source') ?? source} ${usernameKey(username)}`
      return [[[...path, 'users', index, 'username'], key, username]]
    })
  return [
    ...usersIn(workspace, [], first),
    ...sources.flatMap((source, index) =>
      usersIn(source, ['identity_sources', index], text(source, 'id') ?? ''),
    ),
  ]
}
