import type { OAuthReply } from '../../protocol/types.ts'
import { nextStep } from '../authorization/next-step.ts'
import { NO_PROGRESS } from '../authorization/progress.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm, readQuery } from '../form.ts'
import { beginInteraction } from '../interaction/begin-interaction.ts'
import {
  type BrowserTransaction,
  browserTransaction,
  checkForm,
  csrfToken,
  knownTransaction,
} from '../interaction/forms.ts'
import { pageReply } from '../interaction/page-reply.ts'
import type { DeviceProblem } from '../interaction/pages.ts'
import { browserSessions } from '../sessions/browser-session.ts'
import { deviceRequest } from './device-request.ts'
import { type FoundDevice, findDevice } from './find-device.ts'
import { readUserCode, showUserCode } from './user-code.ts'

const PAGE = 'device'
const STATUS = { missing: 400, unknown: 400, throttled: 429 } as const
const LONGEST_SHOWN = 32

/**
 * GET: asks for the user code (RFC 8628 §3.3).
 *
 * Security: `?user_code=` fills it in and does no more (§3.3.1): whoever sends somebody a link must not get any further
 * than that without their doing.
 */
export async function showDevice(exchange: Exchange): Promise<OAuthReply> {
  const typed = readQuery(exchange).get('user_code') ?? ''
  return devicePage(exchange, browserTransaction(exchange), typed, null)
}

/** POST: takes up what the device asked for, as an interaction of this browser. */
export async function submitDevice(exchange: Exchange): Promise<OAuthReply> {
  const { flow, workspace } = exchange
  const transaction = knownTransaction(exchange)
  if (!transaction) return flow.refuse('csrf_mismatch', { received: 'no transaction cookie' })
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  checkForm(exchange, form, transaction, PAGE, PAGE)
  const typed = form.get('user_code') ?? ''
  const sessions = await browserSessions(exchange)
  const found = await findDevice(exchange, transaction, sessions, typed)
  if (found.kind !== 'found') return refused(exchange, transaction, typed, found)

  const client = await workspace.client(found.device.clientId)
  if (!client || client.disabled) return refused(exchange, transaction, typed, { kind: 'unknown' })
  flow.clientId = client.clientId
  const request = deviceRequest(exchange, client, found.device, found.userCode)
  const next = await nextStep(exchange, client, request, NO_PROGRESS, sessions)
  if (next.step === 'refuse') return flow.refuse(next.reason)
  // Nothing is issued by what was typed here alone.
  return beginInteraction(exchange, client, request, next.step === 'issue' ? 'device-confirm' : next.step)
}

function refused(
  exchange: Exchange,
  transaction: BrowserTransaction,
  typed: string,
  problem: Exclude<FoundDevice, { readonly kind: 'found' }>,
): OAuthReply {
  const rule = problem.kind === 'throttled' ? 'user_code_throttled' : 'user_code_unknown'
  exchange.flow.decisions.push({ rule, outcome: 'refused' })
  return devicePage(exchange, transaction, typed, problem)
}

function devicePage(
  exchange: Exchange,
  transaction: BrowserTransaction,
  typed: string,
  problem: DeviceProblem | null,
): OAuthReply {
  const code = readUserCode(typed)
  const props = {
    action: `${exchange.workspace.issuer}/${PAGE}`,
    csrf: csrfToken(transaction, PAGE, PAGE),
    userCode: code === undefined ? typed.slice(0, LONGEST_SHOWN) : showUserCode(code),
    problem,
  }
  const wait = problem?.kind === 'throttled' ? problem.retryAfter : undefined
  return pageReply(exchange, PAGE, props, {
    status: problem === null ? 200 : STATUS[problem.kind],
    cookies: transaction.cookies,
    headers: wait === undefined ? {} : { 'retry-after': String(wait) },
  })
}
