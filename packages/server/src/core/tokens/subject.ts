import { createHash } from 'node:crypto'
import type { ClientMetadata } from '../../protocol/client-metadata.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/**
 * The `sub` of a user for one client (OIDC Core §8): the user id, or for a pairwise client a value that clients of
 * other sectors cannot connect with it (§8.1).
 */
export function subjectFor(workspace: Workspace, client: ClientMetadata, userId: string): string {
  if (client.subject_type !== 'pairwise') return userId
  return createHash('sha256')
    .update(`${sectorOf(client)}\n${userId}\n${workspace.secrets.pairwiseSalt}`)
    .digest('base64url')
}

/** The host that pairwise subjects are computed for. */
function sectorOf(client: ClientMetadata): string {
  const uri = client.sector_identifier_uri ?? client.redirect_uris?.[0]
  if (uri === undefined) return client.client_id ?? ''
  return URL.parse(uri)?.host || uri
}
