import type { RouteTables } from '../core/serve-path.ts'
import type { AccessTokenProfile } from '../core/tokens/access-token-profile.ts'
import type { Dialect as DialectName } from '../protocol/client-metadata.ts'
import type { ClientRecord } from '../store/records.ts'
import { atm } from './atm/atm.ts'
import { cloudentity } from './cloudentity/cloudentity.ts'
import type { Deviation, Dialect } from './dialect.ts'
import { speaks } from './speaks.ts'
import { tapkey } from './tapkey/tapkey.ts'
import { toki } from './toki/toki.ts'

export const dialects: readonly Dialect[] = [atm, toki, tapkey, cloudentity]

export const accessTokenProfiles: readonly AccessTokenProfile[] = dialects.flatMap(
  ({ accessTokenProfiles = [] }) => accessTokenProfiles,
)

/** Whether a dialect lets this public client keep one refresh token (RFC 9700 §4.14.2 wants a new one each time). */
export function mayReuseRefreshTokens(client: ClientRecord): boolean {
  return dialects.some(({ name, reusesRefreshTokens }) => reusesRefreshTokens && speaks(client, name))
}

/** Every deviation by its id, which starts with its dialect's name. */
export const deviations: ReadonlyMap<string, Deviation> = new Map(
  dialects.flatMap(({ deviations }) => Object.entries(deviations)),
)

/** The dialect that a deviation belongs to, as its id says. */
export function dialectOf(deviation: string): DialectName | undefined {
  return dialects.find(({ name }) => deviation.startsWith(`${name}_`))?.name
}

/** Core's routes with the dialects beside and around them; where both serve a path it is core's. Core's own tables stay as they are. */
export function withDialects(core: RouteTables, spoken: readonly Dialect[]): RouteTables {
  const workspaceRoutes = new Map([...spoken.flatMap(({ routes }) => [...routes]), ...core.workspaceRoutes])
  const around = spoken.flatMap((dialect) => [...(dialect.around ?? [])])
  for (const [place, wrap] of around) {
    const [method = '', path = ''] = place.split(' ')
    const route = workspaceRoutes.get(path)
    const handler = route?.methods[method]
    if (!route || !handler) throw new Error(`A dialect stands around ${place}, which is not served.`)
    workspaceRoutes.set(path, { ...route, methods: { ...route.methods, [method]: wrap(handler) } })
  }
  const prefixes = spoken.flatMap((dialect) => [...(dialect.prefixes ?? [])])
  return { ...core, workspaceRoutes, workspacePrefixes: new Map([...prefixes, ...core.workspacePrefixes]) }
}
