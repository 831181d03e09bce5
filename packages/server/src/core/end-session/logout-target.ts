import { appendQuery, type Parameters } from '../../protocol/parameters.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'

/** Where a browser goes after logout. `refused`: it asked for an address that is not the client's own, and stays. */
export type LogoutTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'uri'
      readonly uri: string
      readonly state: string | undefined
      readonly location: string
    }

/** `post_logout_redirect_uri`, compared exactly with those of a client that is known (RP-Initiated Logout §3). */
export function logoutTarget(
  { flow }: Exchange,
  client: ClientRecord | undefined,
  parameters: Parameters,
): LogoutTarget {
  const uri = parameters.get('post_logout_redirect_uri')
  if (uri === undefined) return { kind: 'none' }
  const registered = client?.metadata.post_logout_redirect_uris ?? []
  if (!registered.includes(uri)) {
    flow.note('post_logout_redirect_uri_mismatch', {
      received: shown(uri, 300),
      expected: client
        ? registered.join(' or ') || 'none is registered'
        : 'a client_id or id_token_hint beside it',
    })
    return { kind: 'refused' }
  }
  const state = parameters.get('state')
  const location = state === undefined ? uri : appendQuery(uri, [['state', state]])
  return { kind: 'uri', uri, state, location }
}
