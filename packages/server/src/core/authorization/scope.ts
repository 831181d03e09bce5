import { parseScope } from '../../protocol/scope.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'

/**
 * The scope asked for (RFC 6749 §3.3), or the workspace's default. Scopes nobody here knows are left out and noted
 * (OIDC Core §3.1.2.1); scopes that this client may not have are refused, so that its owner learns of it.
 */
export function requestedScope(
  { flow, workspace }: Exchange,
  client: ClientRecord,
  text: string | undefined,
): readonly string[] {
  const allowed = allowedScope(workspace.scopeNames, client)
  if (text === undefined) {
    return workspace.settings.default_scope
      .split(' ')
      .filter((scope) => scope !== '' && allowed.includes(scope))
  }
  const asked = parseScope(text)
  if (asked === undefined) return flow.refuse('scope_malformed', { received: shown(text) })
  const known = asked.filter((scope) => workspace.scopeNames.includes(scope))
  for (const scope of asked) {
    if (!known.includes(scope)) flow.note('scope_ignored', { param: 'scope', received: shown(scope) })
  }
  flow.check('scope_unknown', known.length > 0, () => ({
    received: shown(text),
    expected: allowed.join(' '),
  }))
  const refused = known.find((scope) => !allowed.includes(scope))
  flow.check('scope_not_allowed', refused === undefined, () => ({
    received: refused ?? '',
    expected: allowed.join(' '),
    fix: `Add it to the client: pixy client update ${client.clientId} --scope "${[...allowed, refused].join(' ')}"`,
  }))
  return known
}

/** What the client's registration permits; every scope of the workspace where it names none. */
export function allowedScope(all: readonly string[], client: ClientRecord): readonly string[] {
  const registered = client.metadata.scope
  return registered === undefined ? all : registered.split(' ').filter((scope) => all.includes(scope))
}
