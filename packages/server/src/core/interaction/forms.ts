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

/**
 * The browser's transaction cookie; a new one where it has none. All its tabs share it. Its life begins anew each time,
 * or it could end in the middle of a sign-in.
 */
export function browserTransaction(exchange: Exchange): BrowserTransaction {
  const value = knownTransaction(exchange)?.value ?? newHandle(exchange.deps.random)
  const cookie = writeCookie(exchange.workspace, 'transaction', value, TRANSACTION_LIFE)
  return { value, hash: hashHandle(value), cookies: [cookie] }
}

export function knownTransaction(exchange: Exchange): BrowserTransaction | undefined {
  const value = readCookie(exchange, 'transaction')
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
