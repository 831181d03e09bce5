import type { OAuthRequest } from '../protocol/types.ts'
import type { Flow } from './decisions/flow.ts'
import type { Deps } from './ports.ts'
import type { Workspace } from './workspaces/workspace.ts'

/** One request to one workspace, with all that an endpoint works with. */
export interface Exchange {
  readonly deps: Deps
  readonly workspace: Workspace
  readonly request: OAuthRequest
  readonly flow: Flow
}

/** A header that must occur once; the first where the adapter hands over several. */
export function header(request: OAuthRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' || value === undefined ? value : value[0]
}

/** Whether whoever asks may see received and expected values: in development, on the machine itself. */
export function mayExplain({ deps, request }: Pick<Exchange, 'deps' | 'request'>): boolean {
  return deps.development && isLoopbackAddress(request.remote)
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
