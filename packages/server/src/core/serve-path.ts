import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'
import { Refusal } from './decisions/refusal.ts'
import type { Deps } from './ports.ts'
import { type Route, serve } from './serve.ts'

/** The tables of `routes.ts`. */
export interface RouteTables {
  readonly workspaceRoutes: ReadonlyMap<string, Route>
  /** `/userinfo/` stands for it and one more segment. */
  readonly workspacePrefixes: ReadonlyMap<string, Route>
  readonly rootMetadata: ReadonlyMap<string, Route>
}

const NOT_FOUND: Route = {
  kind: 'not_found',
  errors: 'page',
  cors: 'none',
  methods: {},
}

/** Finds workspace and endpoint of a request by host and path. `undefined`: no workspace serves this host or path. */
export async function servePath(
  deps: Deps,
  tables: RouteTables,
  host: string,
  request: OAuthRequest,
): Promise<OAuthReply | undefined> {
  const found = deps.workspaces.route(host, request.path)
  const direct = found && (tables.workspaceRoutes.get(found.rest) ?? byPrefix(tables, found.rest))
  if (found && direct) return serve(deps, found.workspace, direct, request)

  for (const [prefix, route] of tables.rootMetadata) {
    if (!request.path.startsWith(`${prefix}/`)) continue
    const at = deps.workspaces.route(host, request.path.slice(prefix.length))
    if (at?.rest === '') return serve(deps, at.workspace, route, request)
  }
  if (!found) return undefined
  const refuse = async (): Promise<never> => {
    throw new Refusal('path_unknown', { received: request.path.slice(0, 200) })
  }
  return serve(deps, found.workspace, { ...NOT_FOUND, methods: { [request.method]: refuse } }, request)
}

function byPrefix({ workspacePrefixes }: RouteTables, path: string): Route | undefined {
  const slash = path.lastIndexOf('/') + 1
  return slash === path.length ? undefined : workspacePrefixes.get(path.slice(0, slash))
}
