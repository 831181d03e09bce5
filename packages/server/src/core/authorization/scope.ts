import { exampleOf } from '../../protocol/dynamic-scope.ts'
import { parseScope } from '../../protocol/scope.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'
import { coversScope, patternOf, scopeSetting } from '../workspaces/scopes.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/** Values of dynamic scopes in one request. Each becomes a line on the consent page and is remembered. */
const MAX_DYNAMIC = 20

/**
 * The scope asked for (RFC 6749 §3.3), or the workspace's default. Scopes nobody here knows are left out and noted
 * (OIDC Core §3.1.2.1); scopes that this client may not have are refused, so that its owner learns of it.
 */
export function requestedScope(
  { flow, workspace }: Exchange,
  client: ClientRecord,
  text: string | undefined,
): readonly string[] {
  const allowed = () => allowedScope(workspace, client).join(' ')
  if (text === undefined) {
    return workspace.settings.default_scope
      .split(' ')
      .filter((scope) => scope !== '' && mayHave(workspace, client, scope))
  }
  const asked = parseScope(text)
  if (asked === undefined) return flow.refuse('scope_malformed', { received: shown(text) })
  const known = asked.filter((scope) => scopeSetting(workspace, scope) !== undefined)
  for (const scope of asked) {
    if (!known.includes(scope))
      flow.note('scope_ignored', {
        param: 'scope',
        received: shown(scope),
        ...valueMissing(workspace, scope),
      })
  }
  flow.check('scope_unknown', known.length > 0, () => ({
    received: shown(text),
    expected: allowed(),
    fix: `Ask for scopes that ${workspace.issuer}/scopes lists, separated by spaces.`,
    ...valueMissing(workspace, asked[0]),
  }))
  const dynamic = known.filter((scope) => patternOf(workspace, scope) !== undefined)
  flow.check('scope_values_too_many', dynamic.length <= MAX_DYNAMIC, () => ({
    received: `${dynamic.length} values`,
    expected: `at most ${MAX_DYNAMIC}`,
  }))
  const registered = client.metadata.scope?.split(' ')
  const refused = registered && known.find((scope) => !coversScope(workspace, registered, scope))
  flow.check('scope_not_allowed', refused === undefined, () => ({
    received: refused ?? '',
    expected: allowed(),
    fix: `Add it to the client: pixy client update ${client.clientId} --scope "${allowed()} ${refused}"`,
  }))
  return known
}

/**
 * What the client's registration permits; every scope of the workspace where it names none. Dynamic scopes are there as
 * patterns, or with the one value that the registration permits.
 */
export function allowedScope(workspace: Workspace, client: ClientRecord): readonly string[] {
  const registered = client.metadata.scope
  if (registered === undefined) return workspace.scopeNames
  return registered
    .split(' ')
    .filter((scope) => workspace.scopeNames.includes(scope) || scopeSetting(workspace, scope) !== undefined)
}

/** Whether the client's registration permits a scope. */
export function mayHave(workspace: Workspace, client: ClientRecord, scope: string): boolean {
  if (scopeSetting(workspace, scope) === undefined) return false
  const registered = client.metadata.scope
  return registered === undefined || coversScope(workspace, registered.split(' '), scope)
}

/** Who asks for a pattern as it is declared learns that it takes a value. */
function valueMissing({ scopePatterns }: Workspace, scope = ''): { readonly fix?: string } {
  const found = scopePatterns.find(({ pattern }) => pattern.name === scope)
  if (found === undefined) return {}
  return {
    fix: `Put a value in the place of each {…}: 1 to 64 letters, digits, _ ~ : @ and -, such as ${exampleOf(found.pattern)}.`,
  }
}
