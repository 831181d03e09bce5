import type { VNode } from 'preact'
import type { SignInProblem, SignInProps } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import {
  ClientLegal,
  ClientLogo,
  ClientName,
  Csrf,
  ErrorSummary,
  Field,
  Heading,
  Name,
  RevealButton,
  UnverifiedNotice,
  waitText,
} from './parts.tsx'
import { hostile, longName, notes, rightToLeft, unbreakable, unverified, withLogo } from './samples.ts'
import type { Translate } from './translate.ts'

const empty: SignInProps = {
  action: '/sign-in?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  username: '',
  usernameFixed: false,
  problem: null,
  signUpUrl: '/sign-up?flow=flow_8JQ2M0',
  remember: false,
  again: false,
}
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
    logo: { ...empty, client: withLogo },
    unverified: { ...empty, client: unverified },
    long_name: { ...empty, client: longName },
    unbreakable_name: { ...empty, client: unbreakable },
    rtl_name: { ...empty, client: rightToLeft },
    hostile: { ...empty, client: hostile, username: '"><script>alert(1)</script>', csrf: '"><b>' },
  },

  render(props, t, view) {
    const { client, problem } = props
    return (
      <Layout
        page="sign-in"
        title={t('sign_in.title')}
        error={problem !== null}
        reference={view.flowId}
        t={t}
        view={view}
      >
        <Heading logo={<ClientLogo client={client} view={view} />} title={t('sign_in.title')}>
          <p>{t.rich('sign_in.to', { client: <ClientName client={client} /> })}</p>
        </Heading>
        {problem !== null && <ErrorSummary>{problemText(problem, t)}</ErrorSummary>}
        {props.again && problem === null && (
          <p class="notice">{t.rich('sign_in.again', { client: <Name>{client.name}</Name> })}</p>
        )}
        {client.unverified && <UnverifiedNotice t={t} view={view} />}
        <SignInForm {...props} t={t} />
        {props.signUpUrl !== null && (
          <p class="aside">
            {t('sign_in.new_here')} <a href={props.signUpUrl}>{t('sign_in.sign_up')}</a>
          </p>
        )}
        <ClientLegal client={client} t={t} />
      </Layout>
    )
  },
}

function SignInForm(props: SignInProps & { readonly t: Translate }): VNode {
  const { t, problem, username } = props
  const wrong = problem?.kind === 'wrong_credentials'
  const wantsPassword = username !== '' && problem?.kind !== 'missing_username'
  return (
    <form id="login-form" method="post" action={props.action}>
      <Csrf value={props.csrf} />
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
      <div class="actions">
        <button type="submit" id="login-submit" class="primary">
          {t('sign_in.submit')}
        </button>
        <button type="submit" id="login-cancel" class="quiet" name="action" value="cancel" formnovalidate>
          {t('sign_in.cancel')}
        </button>
      </div>
    </form>
  )
}

function problemText(problem: SignInProblem, t: Translate): string {
  switch (problem.kind) {
    case 'throttled':
      return t('problem.throttled', { wait: waitText(t, problem.retryAfter) })
    case 'busy':
      return t('problem.busy', { wait: waitText(t, problem.retryAfter) })
    default:
      return t(`sign_in.${problem.kind}`)
  }
}
