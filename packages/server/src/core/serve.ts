import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'
import { StoreUnavailable } from '../store/store.ts'
import { allowOrigin, type CorsPolicy, preflight } from './cors.ts'
import { Flow } from './decisions/flow.ts'
import { flowEvent } from './decisions/flow-event.ts'
import { reasonEntry } from './decisions/reasons.ts'
import { Refusal } from './decisions/refusal.ts'
import { errorPage } from './error-page.ts'
import { errorReply } from './error-reply.ts'
import type { Exchange } from './exchange.ts'
import { type Deps, HasherBusy } from './ports.ts'
import type { Workspace } from './workspaces/workspace.ts'

export type Handler = (exchange: Exchange) => Promise<OAuthReply>

/** One path of a workspace. */
export interface Route {
  /** In the decision log and the metrics: `authorize`, `token`, `sign_in` … */
  readonly kind: string
  /** How refusals are shown: to people as a page, to programs as JSON. */
  readonly errors: 'page' | 'json'
  readonly cors: CorsPolicy
  /** By method. HEAD is served where `GET` has no effect. */
  readonly methods: Readonly<Record<string, Handler>>
}

/** Serves one request of a workspace: finds the method, turns refusals into answers, and records what was decided. */
export async function serve(
  deps: Deps,
  workspace: Workspace,
  route: Route,
  request: OAuthRequest,
): Promise<OAuthReply> {
  const flow = new Flow(route.kind, deps.random)
  const exchange: Exchange = { deps, workspace, request, flow }
  let reply: OAuthReply
  try {
    reply = await answer(exchange, route)
  } catch (error) {
    reply = await refuse(exchange, route, error)
  }
  if (route.cors !== 'none') await allowOrigin(exchange, route.cors, reply)
  record(exchange, reply)
  return reply
}

async function answer(exchange: Exchange, route: Route): Promise<OAuthReply> {
  const { method } = exchange.request
  const handler = route.methods[method]
  if (handler) return handler(exchange)
  const allowed = Object.keys(route.methods)
  if (method === 'OPTIONS') return preflight(exchange, route.cors, allowed)
  if (method === 'HEAD' && route.cors === 'public' && route.methods.GET) return route.methods.GET(exchange)
  const reply = await refuse(
    exchange,
    route,
    new Refusal('method_not_allowed', { received: method.slice(0, 20), expected: allowed.join(', ') }),
  )
  reply.headers.allow = allowed.join(', ')
  return reply
}

async function refuse(exchange: Exchange, route: Route, error: unknown): Promise<OAuthReply> {
  const refusal = toRefusal(exchange, error)
  const { decisions } = exchange.flow
  if (!decisions.some((decision) => decision.outcome === 'refused')) {
    decisions.push({ rule: refusal.reason, outcome: 'refused', ...refusal.detail })
  }
  return route.errors === 'page' ? errorPage(exchange, refusal) : errorReply(exchange, refusal)
}

/** Whatever is not a refusal is the database's trouble, or a bug. */
function toRefusal({ deps, flow }: Exchange, error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof StoreUnavailable) {
    deps.log.error({ flow: flow.id, err: error }, 'the database is not available')
    return new Refusal('store_unavailable', {}, error)
  }
  if (error instanceof HasherBusy) return new Refusal('hasher_busy', {}, error)
  deps.log.error({ flow: flow.id, err: error }, 'a request failed')
  return new Refusal('server_failed', {}, error)
}

/** Refusals that are not expected, and successes in development: to the log and to the store. */
function record(exchange: Exchange, reply: OAuthReply): void {
  const { deps, flow, workspace } = exchange
  const refused = flow.decisions.findLast((decision) => decision.outcome === 'refused')
  if (refused && reasonEntry(refused.rule).expected) return
  if (!refused && (!deps.development || flow.kind === 'metadata')) return
  deps.flowLog.record(flowEvent(exchange, reply))
  if (!refused) return
  const { rule, param, received, expected } = refused
  deps.log.info(
    {
      flow: flow.id,
      reason: rule,
      client: flow.clientId,
      kind: flow.kind,
      workspace: workspace.id,
      status: reply.status,
      param,
      received,
      expected,
    },
    'refused',
  )
}
