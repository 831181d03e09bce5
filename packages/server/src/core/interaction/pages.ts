/**
 * The hosted pages as core knows them: a name and typed props each. The room `pages/` renders them; core never sees
 * markup. Every page is one form at most, works without JavaScript, and posts back to its own URL.
 */
import type { Branding } from '../../store/records.ts'
import type { ProviderProblemKind } from '../federation/progress.ts'

/** What every page knows beside its own props. */
export interface PageContext {
  /** BCP 47 tags in the order wanted (`ui_locales`, the language cookie, Accept-Language). */
  readonly locales: readonly string[]
  /** The issuer, to which page paths are relative. */
  readonly issuer: string
  readonly workspaceName: string
  readonly branding: Branding
  /** Development: pages may show received, expected, fix. */
  readonly development: boolean
  /** `flow_…` of the interaction, shown small as the reference. */
  readonly flowId: string | null
  /** Links that choose another language: the page's own URL, to which `&ui_locales=xx` is added. */
  readonly selfUrl: string
}

export interface ClientDisplay {
  readonly clientId: string
  readonly name: string
  readonly logoUri: string | null
  readonly clientUri: string | null
  readonly policyUri: string | null
  readonly tosUri: string | null
  /** Registered dynamically or by a metadata document: nobody has vouched for it. */
  readonly unverified: boolean
}

/** Hidden input `csrf`: HMAC of the browser's transaction cookie over flow and page. */
export interface FormProps {
  readonly action: string
  readonly csrf: string
}

export interface SignInProps extends FormProps {
  readonly client: ClientDisplay
  /** Pre-filled (login_hint, or what was typed before). */
  readonly username: string
  /** Set where the account is fixed (`id_token_hint`, re-authentication): shown read-only. */
  readonly usernameFixed: boolean
  readonly problem: SignInProblem | ProviderProblem | null
  /** Whether there is a form for a password at all. */
  readonly password: boolean
  /** Other providers people may come from: a link each. */
  readonly providers: ReadonlyArray<{ readonly id: string; readonly name: string; readonly href: string }>
  /** Where "create an account" leads, or null where sign-up is closed. */
  readonly signUpUrl: string | null
  /** Pre-ticked state of "stay signed in" (`name="remember"`). */
  readonly remember: boolean
  /** Sign-in again was asked for (`prompt=login`, `max_age`). */
  readonly again: boolean
}

export type SignInProblem =
  | { readonly kind: 'wrong_credentials' }
  | { readonly kind: 'missing_username' }
  | { readonly kind: 'missing_password' }
  /** Too many tries: `retryAfter` seconds to wait. */
  | { readonly kind: 'throttled'; readonly retryAfter: number }
  | { readonly kind: 'busy'; readonly retryAfter: number }

/** The last try at a provider failed; `provider` is its name. */
export interface ProviderProblem {
  readonly kind: ProviderProblemKind
  readonly provider: string
}

/** Asks for the password of an account that has the e-mail address of whom a provider vouches for. */
export interface LinkAccountProps extends FormProps {
  readonly client: ClientDisplay
  /** The provider's name. */
  readonly provider: string
  /** The username of the account. */
  readonly account: string
  readonly problem: SignInProblem | null
}

export interface SignUpProps extends FormProps {
  readonly client: ClientDisplay
  readonly username: string
  readonly name: string
  readonly problem: SignUpProblem | null
  readonly signInUrl: string
  readonly minPasswordLength: number
}

export type SignUpProblem =
  | { readonly kind: 'invalid_email' }
  | { readonly kind: 'password_too_short'; readonly min: number }
  | { readonly kind: 'password_too_long' }
  | { readonly kind: 'password_common' }
  | { readonly kind: 'password_guessable' }
  | { readonly kind: 'passwords_differ' }
  /** Without mail there is no other way to tell than here. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'throttled'; readonly retryAfter: number }
  | { readonly kind: 'busy'; readonly retryAfter: number }

export interface ConsentScope {
  readonly name: string
  /** From the workspace's settings; standard scopes have texts in the catalogue instead. */
  readonly description: string | null
  readonly required: boolean
  readonly sensitive: boolean
  readonly checked: boolean
  /** Not asked for before: marked where the client had some consent already. */
  readonly isNew: boolean
}

export interface ConsentProps extends FormProps {
  readonly client: ClientDisplay
  /** The account's display name or e-mail. */
  readonly account: string
  readonly scopes: readonly ConsentScope[]
  /** Names of the APIs the tokens will open. */
  readonly resources: readonly string[]
  /** Host (or private-use scheme) the browser goes back to. */
  readonly returnsTo: string
  readonly switchAccountUrl: string
  readonly changed: boolean
}

export interface SelectAccountProps extends FormProps {
  readonly client: ClientDisplay
  /** Buttons `name="account"` with `value=sid`. */
  readonly accounts: ReadonlyArray<{
    readonly sid: string
    readonly name: string
    readonly username: string
    readonly expired: boolean
  }>
  /** Button `name="account" value=""`: sign in as somebody else. */
}

/** Asks for the code that a device shows (RFC 8628 §3.3): input `user_code`. */
export interface DeviceProps extends FormProps {
  /** What was typed, or came with the link. */
  readonly userCode: string
  readonly problem: DeviceProblem | null
}

export type DeviceProblem =
  | { readonly kind: 'missing' }
  /** Unknown, expired or answered: one answer for all. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'throttled'; readonly retryAfter: number }

export interface DeviceOrigin {
  readonly minutesAgo: number
  /** Whether the device asked from where this browser is; null where that cannot be compared. */
  readonly sameNetwork: boolean | null
  /** The beginning of its address; null where that says nothing. */
  readonly network: string | null
}

export interface DeviceConfirmProps extends FormProps {
  readonly client: ClientDisplay
  readonly account: string
  /** To be compared with the device: `WDJB-MJHT`. */
  readonly userCode: string
  readonly origin: DeviceOrigin
  readonly scopes: readonly ConsentScope[]
  readonly resources: readonly string[]
  readonly switchAccountUrl: string
}

export interface DeviceDoneProps {
  readonly client: ClientDisplay
  /** False: denied. */
  readonly connected: boolean
}

export interface SignOutProps extends FormProps {
  readonly account: string | null
  readonly client: ClientDisplay | null
  /** Hidden inputs to carry on. */
  readonly hidden: ReadonlyArray<readonly [string, string]>
}

export interface SignedOutProps {
  readonly client: ClientDisplay | null
  /** A refused post_logout_redirect_uri: the page says why it did not go on. */
  readonly notReturned: boolean
}

export interface ScopeDisplay {
  readonly name: string
  /** From the workspace's settings; standard scopes have texts in the catalogue instead. */
  readonly description: string | null
  /** Not the user's to refuse. */
  readonly required: boolean
  readonly sensitive: boolean
}

/** What applications may ask for in this workspace. */
export interface ScopesProps {
  readonly scopes: ReadonlyArray<ScopeDisplay & { readonly pattern: PatternDisplay | null }>
}

/** A scope that takes values. */
export interface PatternDisplay {
  /** As they stand in the name, and in the description, between braces. */
  readonly placeholders: readonly string[]
  /** The scope with a value. */
  readonly example: string
}

/** `/error` and every error in place. */
export interface ErrorProps {
  readonly status: number
  /** The OAuth error code: `invalid_request`, … */
  readonly code: string
  /** Stable reason id; links to `/docs/errors/<reason>`. */
  readonly reason: string
  readonly description: string
  /** Whose mistake it most likely is: decides the heading ("This app is not set up correctly", …). */
  readonly blame: 'client' | 'user' | 'server'
  readonly client: ClientDisplay | null
  /** Flow or request id. */
  readonly reference: string
  /** Development only. */
  readonly detail: {
    readonly param: string | null
    readonly received: string | null
    readonly expected: string | null
    readonly fix: string | null
    readonly rule: string | null
    readonly command: string | null
  } | null
  readonly docUrl: string
  /** "Start again" leads here, where known. */
  readonly restartUrl: string | null
}

/** `response_mode=form_post` (OAuth 2.0 Form Post Response Mode §2): posts itself; a button without JavaScript. */
export interface FormPostProps {
  readonly action: string
  readonly parameters: ReadonlyArray<readonly [string, string]>
  readonly client: ClientDisplay
}

export interface PageProps {
  readonly 'sign-in': SignInProps
  readonly 'sign-up': SignUpProps
  readonly 'link-account': LinkAccountProps
  readonly consent: ConsentProps
  readonly 'select-account': SelectAccountProps
  readonly device: DeviceProps
  readonly 'device-confirm': DeviceConfirmProps
  readonly 'device-done': DeviceDoneProps
  readonly 'sign-out': SignOutProps
  readonly 'signed-out': SignedOutProps
  readonly scopes: ScopesProps
  readonly error: ErrorProps
  readonly 'form-post': FormPostProps
}

export type PageName = keyof PageProps

export interface RenderedPage {
  readonly html: string
  /** `'sha256-…'` sources for the inline script of `form-post`, if any; everything else has no script. */
  readonly scriptHashes: readonly string[]
}

/** Port: renders a page in the best of `context.locales`. Pure and synchronous. */
export interface Pages {
  render<N extends PageName>(name: N, props: PageProps[N], context: PageContext): RenderedPage
  /** Languages there are, for `ui_locales_supported`. */
  readonly locales: readonly string[]
  /**
   * What is served under `/_pixy/`, with a long cache life since names hold a hash: stylesheet, script, icon, and a
   * sheet for an accent colour (made on demand, hence no list). `path` is the whole path; undefined is a 404.
   */
  asset(path: string): PageAsset | undefined
}

export interface PageAsset {
  /** The `Content-Type`. */
  readonly type: string
  readonly body: Uint8Array
}
