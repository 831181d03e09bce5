import { checkResource, sameResource } from '../../protocol/resource.ts'
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
  flow.check('resource_malformed', asked.length <= MAX_RESOURCES, () => ({
    received: `${asked.length} resources`,
  }))
  const resources = new Set<string>()
  for (const resource of new Set(asked)) {
    const problem = checkResource(resource)
    flow.check('resource_malformed', problem === undefined, () => ({ received: shown(resource) }))
    if (resource === workspace.issuer) {
      resources.add(resource)
      continue
    }
    const known = findResource(workspace, resource)
    flow.check('resource_unknown', known !== undefined, () => ({
      received: shown(resource, 200),
      expected:
        workspace.settings.resources
          .map((known) => known.identifier)
          .slice(0, 10)
          .join(' or ') || 'none is registered',
    }))
    const own = client.metadata.resources
    const allowed = own === undefined || own.some((identifier) => sameResource(identifier, resource))
    flow.check('resource_not_allowed', allowed, () => ({
      received: shown(resource, 200),
      expected: own?.join(' or ') ?? '',
    }))
    resources.add(known?.identifier ?? resource)
  }
  return [...resources]
}
