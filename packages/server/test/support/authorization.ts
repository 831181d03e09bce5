import { expect } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../testing/src/browser.ts'
import { usernameKey } from '../../src/core/accounts/username.ts'
import type { Decision } from '../../src/core/decisions/flow.ts'
import type { FlowEventDetail } from '../../src/core/decisions/flow-event.ts'
import type { Reason } from '../../src/core/decisions/reasons.ts'
import type { UserRecord } from '../../src/store/records.ts'
import type { AuthorizeOptions, TestAs } from './test-as.ts'
import { ALICE } from './test-config.ts'

export const CALLBACK = 'https://app.example/callback'
export const STATE = 'state-of-the-test'

export interface Person {
  readonly username: string
  readonly password: string
  readonly userId: string
}

let people = 0

/** A user of its own: nobody has signed in as them or consented for them. */
export async function aUser(as: TestAs, changes: Partial<UserRecord> = {}): Promise<Person> {
  const { store } = as.server.pixy.deps
  const workspaceId = as.server.pixy.deps.workspaces.list()[0]?.id ?? ''
  const alice = await store.users.findByUsername(workspaceId, 'pool', ALICE.username)
  if (!alice) throw new Error('the configuration has no Alice')
  const username = changes.username ?? `person-${++people}@example.com`
  const user = {
    ...alice,
    userId: `usr_${people}_${username.length}`,
    username,
    usernameKey: usernameKey(username),
    ...changes,
  }
  if (!(await store.users.insert(user))) throw new Error(`the username ${username} is taken`)
  return { username, password: ALICE.password, userId: user.userId }
}

/** Where a browser comes to rest: on a page of ours, or back at the client. */
export interface Arrival {
  /** The page, or the answer that sent the browser away. */
  readonly page: Visit
  /** The address at the client, where it went there. */
  readonly response: URL | undefined
}

/** Follows redirects to a page of ours or to the client. */
export async function arrive(browser: FormBrowser, visit: Visit): Promise<Arrival> {
  const home = new URL(visit.url).origin
  const step = await browser.follow(visit, (location) => URL.parse(location, visit.url)?.origin !== home)
  return { page: step.visit, response: step.location === undefined ? undefined : new URL(step.location) }
}

/** Opens an authorization request. */
export async function open(
  as: TestAs,
  browser: FormBrowser,
  options: AuthorizeOptions = {},
): Promise<Arrival> {
  return openUrl(browser, as.authorizationUrl(options).url)
}

export async function openUrl(browser: FormBrowser, url: string): Promise<Arrival> {
  return arrive(browser, await browser.visit(url))
}

/** Opens an authorization request, and expects a page of this name. */
export async function openPage(
  as: TestAs,
  browser: FormBrowser,
  name: string,
  options: AuthorizeOptions = {},
): Promise<Visit> {
  const { page, response } = await open(as, browser, options)
  expect(response?.href, 'goes to the client').toBeUndefined()
  expect(pageName(page)).toBe(name)
  return page
}

/** Fills in the sign-in page. */
export async function signIn(
  browser: FormBrowser,
  page: Visit,
  person: { readonly username: string; readonly password: string },
  more: ReadonlyArray<readonly [string, string]> = [],
): Promise<Arrival> {
  return arrive(
    browser,
    await browser.submit(page, [['username', person.username], ['password', person.password], ...more]),
  )
}

/** Presses the button with this `name` and `value`, with the boxes as they are. */
export async function press(
  browser: FormBrowser,
  page: Visit,
  ...values: ReadonlyArray<readonly [string, string]>
): Promise<Arrival> {
  return arrive(browser, await browser.submit(page, values))
}

/** A browser in which this person is signed in, with consent for the default scopes of `spa`. */
export async function signedIn(
  as: TestAs,
  person: { readonly username: string; readonly password: string },
  options: AuthorizeOptions = {},
): Promise<FormBrowser> {
  const browser = options.browser ?? new FormBrowser()
  await as.authorize({ ...options, user: person, browser })
  return browser
}

export interface ExpectedRefusal {
  readonly error: string
  readonly reason?: Reason
  /** Default: the one that `authorizationUrl` sends; null: none. */
  readonly state?: string | null
  readonly redirectUri?: string
}

/** An error response (RFC 6749 §4.1.2.1): at the client's own URI, with `state` and `iss`, and never with a code. */
export function expectRefused(as: TestAs, { page, response }: Arrival, expected: ExpectedRefusal): void {
  if (response === undefined) {
    expect.fail(
      `expected ${expected.error} at the client, got ${page.status} ${pageName(page)} ${errorOn(page).reason ?? ''}`,
    )
  }
  const { searchParams } = response
  expect(searchParams.get('error'), response.href).toBe(expected.error)
  if (expected.reason !== undefined) expect(reasonIn(response)).toBe(expected.reason)
  expect(response.href.startsWith(`${expected.redirectUri ?? CALLBACK}?`), response.href).toBe(true)
  expect(searchParams.get('state')).toBe(expected.state === undefined ? STATE : expected.state)
  expect(searchParams.getAll('iss')).toEqual([as.issuer])
  expect(searchParams.has('code')).toBe(false)
  expect(searchParams.get('error_description')).toMatch(/^[ !#-[\]-~]+$/)
  expect(response.hash).toBe('')
  expect(page.status).toBe(303)
}

/** The reason that the path of `error_uri` ends in. */
export function reasonIn(response: URL): string {
  return (
    URL.parse(response.searchParams.get('error_uri') ?? '')
      ?.pathname.split('/')
      .at(-1) ?? ''
  )
}

/** What an error page shows. */
export function errorOn({ body }: Pick<Visit, 'body'>) {
  const text = (id: string) => plain(new RegExp(`id="${id}"[^>]*>([\\s\\S]*?)</`).exec(body)?.[1])
  return {
    code: text('error-code'),
    reason: /\/docs\/errors\/([a-z_]+)["?]/.exec(body)?.[1],
    description: text('error-description'),
    reference: text('error-reference'),
  }
}

/** An error that stays with us (RFC 6749 §4.1.2.1): a page, and no way for the browser to go on by itself. */
export function expectErrorPage({ page, response }: Arrival, reason: Reason, status = 400): void {
  expect(response?.href, 'is sent to the client').toBeUndefined()
  expect({ reason: errorOn(page).reason, status: page.status, page: pageName(page) }).toEqual({
    reason,
    status,
    page: 'error',
  })
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  for (const name of ['location', 'refresh', 'content-location', 'link'])
    expect(page.headers.get(name)).toBeNull()
  expect(page.body).not.toMatch(/http-equiv/i)
  expect(page.body).not.toMatch(/<script(?![^>]*\ssrc="[^"]*\/_pixy\/)/i)
  expect(page.body).not.toMatch(/<form\b/i)
}

/** The decisions of a flow, as `pixy explain` would tell them. */
export async function decisionsOf(as: TestAs, flowId: string): Promise<readonly Decision[]> {
  const { deps, flowLog } = as.server.pixy
  await flowLog.flush()
  const events = await deps.store.flowEvents.findByFlow(flowId)
  return events.flatMap((event) => (JSON.parse(event.detail) as FlowEventDetail).decisions)
}

/** The decision of the newest refusal. */
export async function lastRefusal(as: TestAs): Promise<Decision> {
  const line = as.server.logs.findLast((text) => text.includes('"reason":'))
  const { flow } = JSON.parse(line ?? '{}') as { readonly flow?: string }
  const refused = (await decisionsOf(as, flow ?? '')).findLast((decision) => decision.outcome === 'refused')
  if (!refused) throw new Error('nothing was refused')
  return refused
}

/** The flow id in the address of a page. */
export function flowOf({ url }: Pick<Visit, 'url'>): string {
  return new URL(url).searchParams.get('flow') ?? ''
}

/** Text of a piece of HTML. */
export function plain(html: string | undefined): string | undefined {
  return html
    ?.replace(/<[^>]*>/g, '')
    .replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '',
    )
    .trim()
}
