import type { Parameters } from '../../../../protocol/parameters.ts'
import { sameResource } from '../../../../protocol/resource.ts'
import type { ClientRecord } from '../../../../store/records.ts'
import { requestedResources } from '../../../authorization/resources.ts'
import { mayHave } from '../../../authorization/scope.ts'
import type { Exchange } from '../../../exchange.ts'
import { shown } from '../../../form.ts'
import { coversScope } from '../../../workspaces/scopes.ts'
import { findResource } from '../../../workspaces/workspace.ts'
import { narrowScope, scopeForAudience } from '../../narrowing.ts'
import type { ExchangePolicy } from './policy.ts'
import type { SubjectToken } from './subject-token.ts'

/**
 * The one audience of the new token: what `resource` or `audience` names (RFC 8693 §2.1), else that of the token
 * presented. Another than that must be in the client's policy: an API that was given a token for itself must not turn
 * it into one for others.
 */
export function targetAudience(
  exchange: Exchange,
  client: ClientRecord,
  policy: ExchangePolicy,
  subject: SubjectToken,
  form: Parameters,
): string {
  const { flow } = exchange
  const named = [...form.getAll('resource'), ...namedAudiences(exchange, form)]
  // What the client may have by sign-in binds it here as well, named or not.
  const resources = requestedResources(exchange, client, named.length > 0 ? named : [subject.audience])
  flow.check('resource_several', resources.length <= 1, () => ({ received: `${resources.length} resources` }))
  const target = resources[0] ?? subject.audience
  if (sameResource(target, subject.audience)) return subject.audience
  const allowed = policy.targetResources.some((resource) => sameResource(resource, target))
  flow.check('resource_not_allowed', allowed, () => ({
    received: shown(target, 200),
    expected: [subject.audience, ...policy.targetResources].join(' or '),
    fix: 'Name the resource in target_resources of token_exchange of this client, which must be confidential.',
  }))
  return target
}

/** `audience` is the logical name of the target, and that is the identifier of a resource here. */
function namedAudiences({ flow, workspace }: Exchange, form: Parameters): readonly string[] {
  const audiences = form.getAll('audience')
  const unknown = audiences.find((one) => one !== workspace.issuer && !findResource(workspace, one))
  flow.check('resource_unknown', unknown === undefined, () => ({
    param: 'audience',
    received: shown(unknown, 200),
    expected: workspace.settings.resources
      .map(({ identifier }) => identifier)
      .slice(0, 10)
      .join(' or '),
  }))
  return audiences
}

/**
 * What the new token may do: at most what the presented one may, and for another API also what the user allowed of that
 * API in the same authorization; of that, what this client may have at all. `offline_access` ends here: nothing refreshes
 * an exchanged token.
 */
export function targetScope(
  exchange: Exchange,
  client: ClientRecord,
  subject: SubjectToken,
  audience: string,
  form: Parameters,
): readonly string[] {
  const { workspace } = exchange
  const own = sameResource(audience, subject.audience)
    ? []
    : (findResource(workspace, audience)?.scopes ?? [])
  const agreed = subject.authorization.scope.filter((scope) => coversScope(workspace, own, scope))
  const bound = [...new Set([...subject.scope, ...agreed])].filter(
    (scope) => scope !== 'offline_access' && mayHave(workspace, client, scope),
  )
  return narrowScope(exchange, form, scopeForAudience(exchange, bound, audience))
}
