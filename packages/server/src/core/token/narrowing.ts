import type { Parameters } from '../../protocol/parameters.ts'
import { sameResource } from '../../protocol/resource.ts'
import { isSubset, parseScope } from '../../protocol/scope.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'
import { coversScope } from '../workspaces/scopes.ts'
import { findResource } from '../workspaces/workspace.ts'

/** `scope` at the token endpoint narrows (RFC 6749 §6); absent, it is what was granted. */
export function narrowScope(
  { flow }: Exchange,
  form: Parameters,
  granted: readonly string[],
): readonly string[] {
  const text = form.get('scope')
  if (text === undefined) return granted
  const asked = parseScope(text)
  if (asked === undefined) return flow.refuse('scope_malformed', { received: shown(text) })
  flow.check('scope_exceeds_grant', isSubset(asked, granted), () => ({
    received: shown(text),
    expected: `a subset of: ${granted.join(' ')}`,
  }))
  return asked
}

/**
 * The one audience of an access token (RFC 8707 §2.2): the resource named now, else the first that was granted, else
 * the issuer. A resource that was not part of the authorization is refused where the authorization named any.
 */
export function chooseAudience(
  { flow, workspace }: Exchange,
  form: Parameters,
  granted: readonly string[],
): string {
  const asked = [...new Set(form.getAll('resource'))]
  flow.check('resource_several', asked.length <= 1, () => ({ received: `${asked.length} resources` }))
  const resource = asked[0]
  if (resource === undefined) return granted[0] ?? workspace.issuer
  const found = [...granted, workspace.issuer].find((identifier) => sameResource(identifier, resource))
  if (found !== undefined) return found
  return flow.refuse('resource_not_granted', {
    received: shown(resource, 200),
    expected: granted.join(' or ') || 'the resource must be named in the authorization request',
  })
}

/** Of the scopes granted, those that belong to the audience: an API's own scopes go to that API alone. */
export function scopeForAudience(
  { workspace }: Exchange,
  scope: readonly string[],
  audience: string,
): readonly string[] {
  const own = findResource(workspace, audience)?.scopes
  if (own === undefined) return scope
  const foreign = workspace.settings.resources
    .filter((resource) => resource.identifier !== audience)
    .flatMap((resource) => resource.scopes ?? [])
  return scope.filter((name) => coversScope(workspace, own, name) || !coversScope(workspace, foreign, name))
}
