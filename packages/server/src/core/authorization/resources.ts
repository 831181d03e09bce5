import { checkResource } from '../../protocol/resource.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'
import { findResource } from '../workspaces/workspace.ts'

const MAX_RESOURCES = 20

/** The resources asked for (RFC 8707 §2), each registered here and open to this client. The issuer is always known. */
export function requestedResources(
  { flow, workspace }: Exchange,
  client: ClientRecord,
  asked: readonly string[],
): readonly string[] {
  const resources = [...new Set(asked)]
  flow.check('resource_malformed', resources.length <= MAX_RESOURCES, () => ({ received: `${resources.length} resources` }))
  for (const resource of resources) {
    const problem = checkResource(resource)
    flow.check('resource_malformed', problem === undefined, () => ({ received: shown(resource) }))
    if (resource === workspace.issuer) continue
    flow.check('resource_unknown', findResource(workspace, resource) !== undefined, () => ({
      received: shown(resource, 200),
      expected: workspace.settings.resources.map((known) => known.identifier).slice(0, 10).join(' or ') || 'none is registered',
    }))
    const own = client.metadata.resources
    flow.check('resource_not_allowed', own === undefined || own.includes(resource), () => ({
      received: shown(resource, 200),
      expected: own?.join(' or ') ?? '',
    }))
  }
  return resources
}
