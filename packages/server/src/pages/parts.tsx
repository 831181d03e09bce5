import type { ComponentChildren, VNode } from 'preact'
import type { ClientDisplay } from '../core/interaction/pages.ts'
import { AlertIcon } from './icons.tsx'
import type { View } from './page.ts'
import type { Translate } from './translate.ts'
import { imageUrl, webUrl } from './urls.ts'

/** A client's name; `bdi`, so that a name cannot turn the text around it. */
export function ClientName({ client }: { readonly client: ClientDisplay }): VNode {
  return <bdi id="client-name">{client.name}</bdi>
}

/** A client's name where it is said again. */
export function Name({ children }: { readonly children: string }): VNode {
  return <bdi>{children}</bdi>
}

/** The client's logo, or its initial on a colour of its own where the browser could not load it. */
export function ClientLogo({ client, view }: { readonly client: ClientDisplay; readonly view: View }): VNode {
  const src = imageUrl(client.logoUri, view.issuer)
  if (src === null) return <Initial id="client-logo" of={client.name} class="logo" />
  return (
    <img id="client-logo" class="logo" alt="" referrerpolicy="no-referrer" width={56} height={56} src={src} />
  )
}

const HUES = 8
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The first letter of a name, for the eye only. */
export function Initial(props: { readonly of: string; readonly class: string; readonly id?: string }): VNode {
  const [first] = graphemes.segment(props.of.trimStart().slice(0, 32).toUpperCase())
  const sum = [...props.of].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7)
  return (
    <span id={props.id} class={`${props.class} initial hue-${sum % HUES}`} aria-hidden="true">
      {first?.segment ?? '?'}
    </span>
  )
}

/** What the client says about itself in law: shown wherever people decide about it (OIDC Registration §2). */
export function ClientLegal({
  client,
  t,
}: {
  readonly client: ClientDisplay
  readonly t: Translate
}): VNode | null {
  const policy = webUrl(client.policyUri)
  const tos = webUrl(client.tosUri)
  if (policy === null && tos === null) return null
  return (
    <p class="legal">
      <span>{t.rich('client.legal', { client: <Name>{client.name}</Name> })}</span>
      {policy !== null && (
        <OutsideLink id="client-policy" href={policy} t={t}>
          {t('client.policy')}
        </OutsideLink>
      )}
      {tos !== null && (
        <OutsideLink id="client-tos" href={tos} t={t}>
          {t('client.tos')}
        </OutsideLink>
      )}
    </p>
  )
}

export function UnverifiedNotice({ t, view }: { readonly t: Translate; readonly view: View }): VNode {
  return (
    <Warning title={t('client.unverified_title')}>
      {t.rich('client.unverified', { brand: <Name>{view.brand}</Name> })}
    </Warning>
  )
}

/** To be read before going on. */
export function Warning(props: { readonly title: string; readonly children: ComponentChildren }): VNode {
  return (
    <div class="notice warning">
      <AlertIcon />
      <p>
        <strong>{props.title}</strong>
        <span>{props.children}</span>
      </p>
    </div>
  )
}

/** A link that must not take what was typed away from people. */
export function OutsideLink(props: {
  readonly href: string
  readonly t: Translate
  readonly children: ComponentChildren
  readonly id?: string
}): VNode {
  return (
    <a id={props.id} href={props.href} target="_blank" rel="noopener noreferrer">
      {props.children}
      <span class="unseen"> {props.t('page.new_tab')}</span>
    </a>
  )
}

/** Logo or avatar, heading and a line under it. */
export function Heading(props: {
  readonly logo?: ComponentChildren
  readonly title: ComponentChildren
  readonly children?: ComponentChildren
}): VNode {
  return (
    <div class="heading">
      {props.logo}
      <h1>{props.title}</h1>
      {props.children}
    </div>
  )
}

export const SUMMARY_ID = 'form-error'

/** What went wrong, announced and focused at load. */
export function ErrorSummary({ children }: { readonly children: ComponentChildren }): VNode {
  return (
    <div id={SUMMARY_ID} class="notice error" role="alert" {...focusable}>
      <AlertIcon />
      <p>{children}</p>
    </div>
  )
}

const focusable = { tabindex: -1, autofocus: true } as const

export interface FieldProps {
  /** Also its name. */
  readonly id: string
  readonly label: ComponentChildren
  readonly type: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: ComponentChildren
  /** Its own error, or `true` where the summary tells it. */
  readonly error?: string | boolean
  readonly autofocus?: boolean
  readonly required?: boolean
  readonly readonly?: boolean
  readonly inputmode?: 'email'
  /** Names and passwords follow the page; addresses run from the left everywhere. */
  readonly direction?: 'ltr' | 'auto'
  readonly minlength?: number
  readonly after?: ComponentChildren
}

/** One labelled input with its hint and its error. */
export function Field(props: FieldProps): VNode {
  const { id, hint, error = false, required = true } = props
  const described = [
    typeof error === 'string' && `${id}-error`,
    error === true && SUMMARY_ID,
    hint !== undefined && `${id}-hint`,
  ].filter((part) => part !== false)
  // Preact's types know no `passwordrules`, and a `type` only where it is a literal.
  const others: Readonly<Record<string, string | number>> = {
    type: props.type,
    ...(props.minlength && { minlength: props.minlength, passwordrules: `minlength: ${props.minlength};` }),
  }
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {typeof error === 'string' && (
        <p id={`${id}-error`} class="field-error">
          {error}
        </p>
      )}
      <div class="control">
        <input
          {...others}
          id={id}
          name={id}
          value={props.value || undefined}
          autocomplete={props.autocomplete}
          autocapitalize="none"
          spellcheck={false}
          inputmode={props.inputmode}
          dir={props.direction}
          required={required}
          readonly={props.readonly ?? false}
          autofocus={props.autofocus ?? false}
          aria-invalid={error === false ? undefined : 'true'}
          aria-describedby={described.length > 0 ? described.join(' ') : undefined}
        />
        {props.after}
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  )
}

/** Shown by the script alone: without it the button could do nothing. */
export function RevealButton({ input, t }: { readonly input: string; readonly t: Translate }): VNode {
  return (
    <button
      type="button"
      class="reveal"
      hidden
      aria-label={t('password.show_label')}
      data-reveal={input}
      data-show={t('password.show')}
      data-show-label={t('password.show_label')}
      data-hide={t('password.hide')}
      data-hide-label={t('password.hide_label')}
    >
      {t('password.show')}
    </button>
  )
}

export function Csrf({ value }: { readonly value: string }): VNode {
  return <input type="hidden" name="csrf" value={value} />
}

/** "2 minutes": rounded up, so that who waits that long is let in. */
export function waitText(t: Translate, seconds: number): string {
  if (seconds < 60) return t('wait.seconds', { count: Math.max(1, Math.ceil(seconds)) })
  if (seconds < 3600) return t('wait.minutes', { count: Math.ceil(seconds / 60) })
  return t('wait.hours', { count: Math.ceil(seconds / 3600) })
}
