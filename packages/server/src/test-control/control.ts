import type { MovableClock } from '../adapters/clock.ts'
import { longestLives } from '../core/keys/longest-lives.ts'
import { ROTATION_LEAD, rotateKeys } from '../core/keys/rotation.ts'
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
  'POST keys/rotate': async (control, { now, workspace }) => rotate(control.deps(), now === true, workspace),
  'POST faults': async ({ faults }, body) => {
    const unknown = faults.set(body)
    return unknown === undefined
      ? jsonReply(200, { ok: true, faults: faults.current })
      : wrong(`unknown fault ${unknown}`)
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
  if (!isLoopback(request.remote)) return jsonReply(403, { ok: false, reason: 'loopback only' })
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

async function rotate(deps: Deps, now: boolean, workspaceId: unknown): Promise<OAuthReply> {
  const rotated: string[] = []
  for (const workspace of deps.workspaces.list()) {
    if (typeof workspaceId === 'string' && ![workspace.id, workspace.record.id].includes(workspaceId))
      continue
    const keys = await rotateKeys(deps, {
      workspaceId: workspace.id,
      algs: workspace.settings.signing_algs,
      lead: now ? 0 : ROTATION_LEAD,
      ...(await longestLives(deps.store, workspace)),
    })
    rotated.push(...keys.map((key) => key.kid))
  }
  await deps.workspaces.refresh()
  return jsonReply(200, { ok: true, keys: rotated })
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

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
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
