import { readAll } from '../../admin-api/pages.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import { isLoopbackRedirect } from '../../protocol/redirect-uri.ts'
import type { ClientRecord } from '../../store/records.ts'
import { loopbackName } from './configuration.ts'
import { type Check, type Finding, findings } from './finding.ts'

const { ok, warning, error } = findings('clients')

const MOST = 10_000
const SOON = 14 * 86_400

/** Redirect URIs that will surprise somebody, and secrets that end. */
export const checkClients: Check = async ({ deps, now }) => {
  if (!deps) return []
  const found: Finding[] = []
  let count = 0
  for (const workspace of deps.workspaces.list()) {
    const clients = await readAll(
      MOST,
      (page) => deps.store.clients.list(workspace.id, page),
      ({ clientId }) => clientId,
    )
    count += clients.length
    for (const client of clients) {
      found.push(
        ...mixedNames(workspace, client),
        ...slashTwins(client),
        ...openRedirects(client),
        ...endingSecrets(client, now),
      )
    }
  }
  return found.length > 0 ? found : [ok(`${count} clients: redirect URIs and secrets are in order`)]
}

/**
 * A browser keeps cookies and storage of localhost, 127.0.0.1 and [::1] apart. Native clients are meant to use the
 * literal addresses (RFC 8252 §7.3).
 */
function mixedNames({ origin }: Workspace, { clientId, metadata }: ClientRecord): readonly Finding[] {
  const own = loopbackName(origin)
  if (own === undefined || metadata.application_type === 'native') return []
  return (metadata.redirect_uris ?? []).flatMap((uri) => {
    const other = loopbackName(uri)
    if (other === undefined || other === own) return []
    const fix = `Use one name for this machine: http://${own}… in the application, and pixy client update ${clientId} --add-redirect-uri …`
    return [
      warning(
        `${clientId} comes back to ${other}, the issuer is on ${own}: browsers hold them for two sites (${uri})`,
        fix,
      ),
    ]
  })
}

function slashTwins({ clientId, metadata }: ClientRecord): readonly Finding[] {
  const uris = metadata.redirect_uris ?? []
  return uris
    .filter((uri) => uri.endsWith('/') && uris.includes(uri.slice(0, -1)))
    .map((uri) =>
      warning(
        `${clientId} has two redirect URIs that differ by the slash at the end: ${uri}`,
        `Keep the one that the application sends: pixy client update ${clientId} --remove-redirect-uri ${uri}`,
      ),
    )
}

function openRedirects({ clientId, metadata }: ClientRecord): readonly Finding[] {
  return (metadata.redirect_uris ?? [])
    .filter((uri) => /^http:/i.test(uri) && !isLoopbackRedirect(uri))
    .map((uri) =>
      error(
        `${clientId} gets its codes by http, readable on the way: ${uri}`,
        'Serve the application by https and register that address.',
      ),
    )
}

function endingSecrets({ clientId, secrets }: ClientRecord, now: number): readonly Finding[] {
  if (secrets.length === 0) return []
  const last = Math.max(
    ...secrets.map(({ expiresAt }) => (expiresAt === 0 ? Number.POSITIVE_INFINITY : expiresAt)),
  )
  const fix = `pixy client rotate-secret ${clientId}`
  if (last <= now) return [error(`every secret of ${clientId} has expired`, fix)]
  return last - now < SOON ? [warning(`the last secret of ${clientId} expires within 14 days`, fix)] : []
}
