import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Parameters } from '../../protocol/parameters.ts'
import { type Exchange, header } from '../exchange.ts'
import { hashHandle, looksLikeHandle, newHandle } from '../handles.ts'
import { readCookie, writeCookie } from '../sessions/cookies.ts'

/** What binds pending interactions and forms to one browser. */
export interface BrowserTransaction {
  readonly value: string
  readonly hash: string
  /** To be set where an interaction begins. */
  readonly cookies: readonly string[]
}

const TRANSACTION_LIFE = 86_400
const FLOW_COOKIE_LIFE = 3600

/**
 * The browser's transaction cookie; a new one where it has none. All its tabs share it. Its life begins anew each time,
 * or it could end in the middle of a sign-in.
 *
 * @param flowId the interaction that begins. Of two tabs that begin at once in a browser without the cookie, the second
 *   answer replaces what the first one set: there each flow gets a cookie of its own beside it.
 */
export function browserTransaction(exchange: Exchange, flowId?: string): BrowserTransaction {
  const { workspace, deps } = exchange
  const known = knownTransaction(exchange)
  const value = known?.value ?? newHandle(deps.random)
  const cookies = [writeCookie(workspace, 'transaction', value, TRANSACTION_LIFE)]
  if (!known && flowId !== undefined) {
    cookies.push(writeCookie(workspace, 'transaction', value, FLOW_COOKIE_LIFE, flowId))
  }
  return { value, hash: hashHandle(value), cookies }
}

/** What this browser sent: the flow's own, else the one for all. */
export function knownTransaction(exchange: Exchange, flowId?: string): BrowserTransaction | undefined {
  const own = flowId === undefined ? undefined : readCookie(exchange, 'transaction', flowId)
  const value = own ?? readCookie(exchange, 'transaction')
  if (value === undefined || !looksLikeHandle(value)) return undefined
  return { value, hash: hashHandle(value), cookies: [] }
}

/** The hidden `csrf` of a form: bound to browser, interaction and page. */
export function csrfToken(transaction: BrowserTransaction, flowId: string, page: string): string {
  return createHmac('sha256', transaction.value).update(`${flowId} ${page}`).digest('base64url')
}

/**
 * Refuses a form that was not sent by our own page in this browser: by `Sec-Fetch-Site`, else by `Origin`, and always
 * by the token.
 *
 * @throws {Refusal} `cross_site_post`, `csrf_mismatch`
 */
export function checkForm(
  exchange: Exchange,
  form: Parameters,
  transaction: BrowserTransaction,
  flowId: string,
  page: string,
): void {
  const { flow, request, workspace } = exchange
  const site = header(request, 'sec-fetch-site')
  const origin = header(request, 'origin')
  const ownOrigin = origin === undefined || origin === workspace.origin
  const ownSite = site === undefined || site === 'same-origin' || site === 'none'
  flow.check('cross_site_post', ownSite && ownOrigin, () => ({
    received: `Sec-Fetch-Site ${site ?? 'absent'}, Origin ${(origin ?? 'absent').slice(0, 100)}`,
    expected: workspace.origin,
  }))
  const expected = Buffer.from(csrfToken(transaction, flowId, page))
  const received = Buffer.from(form.get('csrf') ?? '')
  flow.check('csrf_mismatch', received.length === expected.length && timingSafeEqual(received, expected))
}
