import { expect } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../../testing/src/browser.ts'
import { type Arrival, arrive, press, signIn } from '../../support/authorization.ts'
import type { Answer, TestAs } from '../../support/test-as.ts'
import { ALICE, testConfig, WEB_SECRET } from '../../support/test-config.ts'

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const grantTypes = [DEVICE_CODE, 'refresh_token'] as const
const scope = 'openid profile offline_access notes:read notes:delete'

/** The usual clients and, without a redirect URI, programs on devices. */
export const deviceConfig = testConfig({
  clients: [
    { client_id: 'tv', client_name: 'Living-room TV', grant_types: [...grantTypes], scope },
    { client_id: 'tv-two', client_name: 'Another TV', grant_types: [...grantTypes], scope },
    { client_id: 'tv-own', grant_types: [...grantTypes], scope, consent: 'implied' },
    { client_id: 'tv-assigned', grant_types: [...grantTypes], scope, user_access: 'assigned' },
    { client_id: 'tv-secret', grant_types: [DEVICE_CODE], client_secret: WEB_SECRET, scope },
  ],
})

export interface Device {
  readonly client: string
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete: string
}

/** A device that has asked for its codes. */
export async function aDevice(as: TestAs, form: Readonly<Record<string, string>> = {}): Promise<Device> {
  const request = { client_id: 'tv', scope: 'openid profile offline_access', ...form }
  const { status, json, text } = await as.post('/oauth2/device_authorization', request)
  expect(status, text).toBe(200)
  return {
    client: request.client_id,
    deviceCode: String(json.device_code),
    userCode: String(json.user_code),
    verificationUri: String(json.verification_uri),
    verificationUriComplete: String(json.verification_uri_complete),
  }
}

export function poll(as: TestAs, { client, deviceCode }: Device, form = {}): Promise<Answer> {
  return as.token({ grant_type: DEVICE_CODE, device_code: deviceCode, client_id: client, ...form })
}

/** Types a code into the form. */
export async function enterCode(as: TestAs, browser: FormBrowser, userCode: string): Promise<Arrival> {
  const page = await browser.visit(`${as.issuer}/device`)
  expect(pageName(page)).toBe('device')
  return press(browser, page, ['user_code', userCode])
}

/** The confirmation page of a person who has entered the code and signed in. */
export async function openConfirmation(
  as: TestAs,
  browser: FormBrowser,
  { userCode }: Pick<Device, 'userCode'>,
  person: { readonly username: string; readonly password: string } = ALICE,
): Promise<Visit> {
  const { page } = await enterCode(as, browser, userCode)
  const next = pageName(page) === 'sign-in' ? (await signIn(browser, page, person)).page : page
  expect(pageName(next), next.url).toBe('device-confirm')
  return next
}

/** Allows with these boxes ticked; arrives at the last page. */
export async function allow(
  browser: FormBrowser,
  page: Visit,
  scopes: readonly string[] = ['profile', 'offline_access'],
): Promise<Visit> {
  const answer = await browser.submit(page, [
    ['action', 'allow'],
    ...scopes.map((name) => ['scope', name] as const),
  ])
  return (await arrive(browser, answer)).page
}

/** A device that somebody has allowed. */
export async function allowedDevice(
  as: TestAs,
  form: Readonly<Record<string, string>> = {},
  scopes?: readonly string[],
): Promise<{ readonly device: Device; readonly browser: FormBrowser }> {
  const device = await aDevice(as, form)
  const browser = new FormBrowser()
  const done = await allow(browser, await openConfirmation(as, browser, device), scopes)
  expect(pageName(done)).toBe('device-done')
  return { device, browser }
}
