import { type FormBrowser, pageName, readForm, type Visit } from './browser.ts'

export interface Person {
  readonly username: string
  readonly password: string
}

export interface SignInOptions {
  /** Scopes to allow on the consent page; absent: the boxes that are ticked. */
  readonly allow?: readonly string[]
  /** Deny on the consent page. */
  readonly deny?: boolean
  readonly remember?: boolean
}

/**
 * Opens an authorization URL, signs in and consents where that is asked for, and resolves with the address that the
 * browser is sent back to.
 *
 * @throws where a page comes that nobody expects, with its heading
 */
export async function authorizeInBrowser(
  browser: FormBrowser,
  authorizationUrl: string,
  redirectUri: string,
  person: Person,
  options: SignInOptions = {},
): Promise<URL> {
  const back = (location: string) => location.startsWith(redirectUri)
  let step = await browser.follow(await browser.visit(authorizationUrl), back)
  for (let pages = 0; step.location === undefined; pages++) {
    if (pages > 5) throw new Error(`the sign-in does not end: ${describe(step.visit)}`)
    step = await browser.follow(await fillIn(browser, step.visit, person, options), back)
  }
  return new URL(step.location)
}

function fillIn(browser: FormBrowser, page: Visit, person: Person, options: SignInOptions): Promise<Visit> {
  if (page.status >= 400) throw new Error(`${page.status} ${describe(page)}`)
  switch (pageName(page)) {
    case 'sign-in':
      return browser.submit(page, [
        ['username', person.username],
        ['password', person.password],
        ...(options.remember ? ([['remember', 'on']] as const) : []),
      ])
    case 'consent':
      return browser.submit(page, consentValues(page, options))
    default:
      throw new Error(`an unexpected page: ${describe(page)}`)
  }
}

function consentValues(
  page: Visit,
  { allow, deny }: SignInOptions,
): ReadonlyArray<readonly [string, string]> {
  if (deny) return [['action', 'deny']]
  const ticked = readForm(page)
    .checkboxes.filter((box) => box.name === 'scope' && !box.disabled)
    .filter((box) => (allow ? allow.includes(box.value) : box.checked))
  return [['action', 'allow'], ...ticked.map((box) => ['scope', box.value] as const)]
}

function describe(page: Visit): string {
  const heading = /<h1[^>]*>([\s\S]*?)<\/h1>/
    .exec(page.body)?.[1]
    ?.replace(/<[^>]*>/g, '')
    .trim()
  const reason = /id="error-description"[^>]*>([\s\S]*?)</.exec(page.body)?.[1]?.trim()
  return [pageName(page) ?? 'no page', heading, reason, page.url].filter(Boolean).join(' · ')
}
