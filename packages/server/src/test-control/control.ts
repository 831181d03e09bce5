import type { MovableClock } from '../adapters/clock.ts'
import { AdminError } from '../admin-api/admin-error.ts'
import { rotateSigningKeys } from '../admin-api/keys/rotate.ts'
import { header, isLoopbackAddress } from '../core/exchange.ts'
import type { Deps } from '../core/ports.ts'
import { jsonReply } from '../core/replies.ts'
import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'
import type { Faults } from './faults.ts'
import { changeUser } from './users.ts'

export interface TestControl {
  readonly clock: MovableClock
  readonly faults: Faults
  readonly logs: readonly string[]
  deps(): Deps
  reset(): Promise<void>
}

type Body = Readonly<Record<string, unknown>>
type Operation = (control: TestControl, body: Body) => Promise<OAuthReply>

const operations: Readonly<Record<string, Operation>> = {
  'GET clock': async ({ clock }) => jsonReply(200, { now: clock.now() }),
  'POST clock': async ({ clock }, { advance, set }) => {
    if (isInteger(advance)) clock.advance(advance)
    else if (isInteger(set)) clock.set(set)
    else return wrong('send {"advance": seconds} or {"set": epoch_seconds}')
    return jsonReply(200, { now: clock.now() })
  },
  // No part of the product sends mail yet; the list is honest about it.
  'GET mail': async () => jsonReply(200, { messages: [] }),
  'GET logs': async ({ logs }) => jsonReply(200, { lines: logs }),
  'POST users': (control, body) => changeUser(control.deps(), body),
  'POST limits/reset': async (control) => {
    await control.deps().store.throttles.clearAll()
    return ok()
  },
  'POST keys/rotate': (control, body) => rotate(control.deps(), body),
  'POST faults': async ({ faults }, body) => {
    const problem = faults.set(body)
    return problem === undefined ? jsonReply(200, { ok: true, faults: faults.current }) : wrong(problem)
  },
  'POST reset': async (control) => {
    await control.reset()
    return ok()
  },
}

/** Answers a request under `/__test/`; `undefined` for any other path. */
export async function controlReply(
  control: TestControl,
  request: OAuthRequest,
): Promise<OAuthReply | undefined> {
  if (!request.path.startsWith('/__test/')) return undefined
  if (!isLoopbackAddress(request.remote) || isFromWebsite(request)) {
    return jsonReply(403, { ok: false, reason: 'loopback only' })
  }
  const name = request.path.slice('/__test/'.length).replace(/\/$/, '')
  const operation = operations[`${request.method} ${name}`]
  if (!operation)
    return jsonReply(404, {
      ok: false,
      reason: `no such call; there are: ${Object.keys(operations).join(', ')}`,
    })
  const body = parseBody(request.body)
  return body === undefined ? wrong('the body is not a JSON object') : operation(control, body)
}

/** As `pixy keys rotate`, for one workspace or all of them. */
async function rotate(deps: Deps, { now, workspace }: Body): Promise<OAuthReply> {
  try {
    const input = { now: now === true, ...(typeof workspace === 'string' ? { workspace } : {}) }
    const { published } = await rotateSigningKeys.run(deps, input)
    await deps.workspaces.refresh()
    return jsonReply(200, { ok: true, keys: published.map(({ kid }) => kid) })
  } catch (error) {
    if (error instanceof AdminError) return jsonReply(409, { ok: false, reason: error.reason })
    throw error
  }
}

/**
 * Security: a website that a developer visits can send requests here too, by a form or by a name that it made resolve to
 * this machine. Programs name a loopback host and say nothing of another site.
 */
function isFromWebsite(request: OAuthRequest): boolean {
  const host = header(request, 'host') ?? ''
  const site = header(request, 'sec-fetch-site') ?? 'none'
  const origin = header(request, 'origin')
  const named = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i
  return (
    !named.test(host) ||
    site === 'cross-site' ||
    (origin !== undefined && !named.test(origin.replace(/^https?:\/\//, '')))
  )
}

function parseBody(body: Uint8Array | undefined): Body | undefined {
  if (!body || body.length === 0) return {}
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function ok(): OAuthReply {
  return jsonReply(200, { ok: true })
}

function wrong(reason: string): OAuthReply {
  return jsonReply(400, { ok: false, reason })
}
