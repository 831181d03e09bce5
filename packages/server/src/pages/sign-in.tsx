import type { ComponentChildren, VNode } from 'preact'
import type { SignInProps } from '../core/interaction/pages.ts'
import { ClientPage } from './client-page.tsx'
import type { Page } from './page.ts'
import { ClientLegal, Csrf, Field, Name, RevealButton, waitText } from './parts.tsx'
import {
  hostile,
  longName,
  notes,
  providers,
  rightToLeft,
  unbreakable,
  unverified,
  withLogo,
} from './samples.ts'
import type { Translate } from './translate.ts'
import { webUrlOrPath } from './urls.ts'

const empty: SignInProps = {
  action: '/sign-in?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  username: '',
  usernameFixed: false,
  problem: null,
  password: true,
  providers: [],
  signUpUrl: '/sign-up?flow=flow_8JQ2M0',
  remember: false,
  again: false,
}
const federated: SignInProps = { ...empty, password: false, providers, signUpUrl: null }
const typed: SignInProps = { ...empty, username: 'ada@example.com' }

/** Asks for a username and a password. */
export const signInPage: Page<'sign-in'> = {
  name: 'sign-in',
  samples: {
    empty,
    hint: typed,
    wrong: { ...typed, problem: { kind: 'wrong_credentials' } },
    missing_username: { ...empty, problem: { kind: 'missing_username' } },
    missing_password: { ...typed, problem: { kind: 'missing_password' } },
    throttled: { ...typed, problem: { kind: 'throttled', retryAfter: 95 } },
    throttled_long: { ...typed, problem: { kind: 'throttled', retryAfter: 7300 } },
    busy: { ...typed, problem: { kind: 'busy', retryAfter: 2 } },
    again: { ...typed, usernameFixed: true, again: true, signUpUrl: null },
    remember: { ...empty, remember: true },
    sign_up_closed: { ...empty, signUpUrl: null },
    providers: { ...empty, providers },
    providers_only: federated,
    provider_denied: {
      ...federated,
      providers: providers.slice(0, 1),
      problem: { kind: 'provider_denied', provider: 'Acme Corp' },
    },
    provider_refused: { ...federated, problem: { kind: 'provider_refused', provider: 'Acme Corp' } },
    provider_unreachable: {
      ...empty,
      providers,
      problem: { kind: 'provider_unreachable', provider: 'Acme Corp' },
    },
    provider_answer_invalid: {
      ...federated,
      problem: { kind: 'provider_answer_invalid', provider: 'Acme Corp' },
    },
    provider_sign_in_outdated: {
      ...federated,
      problem: { kind: 'provider_sign_in_outdated', provider: 'Acme Corp' },
    },
    provider_sign_in_too_old: {
      ...federated,
      again: true,
      problem: { kind: 'provider_sign_in_too_old', provider: 'Acme Corp' },
    },
    provider_account_mismatch: {
      ...federated,
      problem: { kind: 'provider_account_mismatch', provider: 'Acme Corp' },
    },
    provider_account_disabled: {
      ...federated,
      problem: { kind: 'provider_account_disabled', provider: 'Acme Corp' },
    },
    logo: { ...empty, client: withLogo },
    unverified: { ...empty, client: unverified },
    long_name: { ...empty, client: longName, providers: [{ ...providers[0], name: longName.name }] },
    unbreakable_name: { ...empty, client: unbreakable },
    rtl_name: { ...empty, client: rightToLeft },
    hostile: {
      ...empty,
      client: hostile,
      username: '"><script>alert(1)</script>',
      csrf: '"><b>',
      providers: [{ id: '"><b>', name: '<script>alert(1)</script>', href: '"><script>alert(1)</script>' }],
      problem: { kind: 'provider_denied', provider: '<script>alert(1)</script>' },
    },
  },

  render(props, t, view) {
    const { client, problem } = props
    return (
      <ClientPage
        page="sign-in"
        title={t('sign_in.title')}
        to="sign_in.to"
        client={client}
        problem={problem && problemText(problem, client.name, t)}
        notice={
          props.again &&
          problem === null && (
            <p class="notice">{t.rich('sign_in.again', { client: <Name>{client.name}</Name> })}</p>
          )
        }
        t={t}
        view={view}
      >
        {!props.password && <Providers {...props} t={t} />}
        <SignInForm {...props} t={t} />
        {props.password && <Providers {...props} t={t} />}
        {props.signUpUrl !== null && (
          <p class="aside">
            {t('sign_in.new_here')} <a href={props.signUpUrl}>{t('sign_in.sign_up')}</a>
          </p>
        )}
        <ClientLegal client={client} t={t} />
      </ClientPage>
    )
  },
}

/** A link each: what answers a form may not lead to another site (`form-action`). */
function Providers(props: SignInProps & { readonly t: Translate }): VNode | null {
  const { t, providers, password } = props
  if (providers.length === 0) return null
  return (
    <div class={password ? 'providers below' : 'providers'}>
      {password && <p class="or">{t('sign_in.or')}</p>}
      {providers.map(({ id, name, href }) => (
        <a id={`provider-${id}`} class="button" href={webUrlOrPath(href) ?? ''} rel="nofollow">
          {t.rich('sign_in.continue_with', { provider: <Name>{name}</Name> })}
        </a>
      ))}
    </div>
  )
}

function SignInForm(props: SignInProps & { readonly t: Translate }): VNode {
  const { t } = props
  return (
    <form id="login-form" method="post" action={props.action}>
      <Csrf value={props.csrf} />
      {props.password && <PasswordFields {...props} />}
      <div class="actions">
        {props.password && (
          <button type="submit" id="login-submit" class="primary">
            {t('sign_in.submit')}
          </button>
        )}
        <button type="submit" id="login-cancel" class="quiet" name="action" value="cancel" formnovalidate>
          {t('sign_in.cancel')}
        </button>
      </div>
    </form>
  )
}

function PasswordFields(props: SignInProps & { readonly t: Translate }): VNode {
  const { t, problem, username } = props
  const wrong = problem?.kind === 'wrong_credentials'
  const wantsPassword = username !== '' && problem?.kind !== 'missing_username'
  return (
    <>
      <Field
        id="username"
        type="text"
        inputmode="email"
        direction="ltr"
        label={t('field.username')}
        autocomplete="username webauthn"
        value={username}
        readonly={props.usernameFixed}
        autofocus={problem === null && !wantsPassword}
        error={problem?.kind === 'missing_username' ? t('sign_in.missing_username') : wrong}
        {...(props.usernameFixed ? { hint: t('sign_in.fixed') } : {})}
      />
      <Field
        id="password"
        type="password"
        label={t('field.password')}
        autocomplete="current-password"
        autofocus={problem === null && wantsPassword}
        error={problem?.kind === 'missing_password' ? t('sign_in.missing_password') : wrong}
        after={<RevealButton input="password" t={t} />}
      />
      <div class="choice">
        <input type="checkbox" id="remember" name="remember" checked={props.remember} />
        <label for="remember">{t('sign_in.remember')}</label>
      </div>
    </>
  )
}

function problemText(
  problem: NonNullable<SignInProps['problem']>,
  client: string,
  t: Translate,
): ComponentChildren {
  if ('provider' in problem) {
    const values = { provider: <Name>{problem.provider}</Name>, client: <Name>{client}</Name> }
    return t.rich(`sign_in.${problem.kind}`, values)
  }
  switch (problem.kind) {
    case 'throttled':
      return t('problem.throttled', { wait: waitText(t, problem.retryAfter) })
    case 'busy':
      return t('problem.busy', { wait: waitText(t, problem.retryAfter) })
    default:
      return t(`sign_in.${problem.kind}`)
  }
}
