import { Refusal } from '../core/decisions/refusal.ts'
import { mayExplain } from '../core/exchange.ts'
import type { Deps } from '../core/ports.ts'
import { jsonReply } from '../core/replies.ts'
import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'
import { docsReply } from './docs.ts'
import { landingReply } from './landing.ts'

/** Paths that belong to no workspace: health, assets, documentation, and hosts that nobody here answers for. */
export async function productReply(
  deps: Deps,
  host: string,
  request: OAuthRequest,
): Promise<OAuthReply | undefined> {
  const { path, method } = request
  const reading = method === 'GET' || method === 'HEAD'
  if (reading && path === '/healthz') return jsonReply(200, { status: 'ok' })
  if (reading && path === '/readyz') return ready(deps)
  if (!deps.workspaces.knowsHost(host)) return misdirected(deps, host, request)
  if (!reading) return undefined
  if (path === '/') return mayExplain({ deps, request }) ? landingReply(deps) : undefined
  if (path.startsWith('/_pixy/')) return assetReply(deps, path)
  if (path === '/docs' || path.startsWith('/docs/')) return docsReply(path)
  return undefined
}

async function ready({ store }: Deps): Promise<OAuthReply> {
  try {
    await store.ping()
    return jsonReply(200, { status: 'ready' })
  } catch {
    return jsonReply(503, { status: 'the database is not available' }, { 'retry-after': '2' })
  }
}

const ASSET_AGE = 31_536_000

function assetReply({ pages }: Deps, path: string): OAuthReply | undefined {
  const asset = pages.asset(path)
  if (!asset) return undefined
  return {
    status: 200,
    headers: { 'content-type': asset.type, 'cache-control': `public, max-age=${ASSET_AGE}, immutable` },
    body: asset.body,
  }
}

/** 421: a request for a host that is not ours (RFC 9110 §15.5.20). The public origin never comes from a header. */
function misdirected(deps: Deps, host: string, request: OAuthRequest): OAuthReply {
  const { workspaces } = deps
  const refusal = new Refusal('host_unknown')
  return jsonReply(421, {
    error: refusal.code,
    error_description: refusal.description,
    error_uri: `${workspaces.url}/docs/errors/host_unknown`,
    reason: refusal.reason,
    ...(mayExplain({ deps, request })
      ? { received: host.slice(0, 200), expected: new URL(workspaces.url).host, fix: refusal.detail.fix }
      : {}),
  })
}
