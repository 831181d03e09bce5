import type { OutputOf } from '../admin-api/operations.ts'
import { callSocket } from '../admin-api/socket-client.ts'
import type { Place } from './place.ts'

/** The issuers of the server that runs on this data folder; `undefined` where none does. */
export async function issuersOfServer(place: Place): Promise<readonly string[] | undefined> {
  if (!place.isSocketOurs) return undefined
  const answer = await callSocket(place.socket, 'tenant.list', {}).catch(() => undefined)
  if (!answer) return undefined
  const { tenants } = answer.result as OutputOf<'tenant.list'>
  return tenants.flatMap(({ workspaces }) => workspaces.map(({ issuer }) => issuer))
}
