import type { VNode } from 'preact'
import type { SignUpProblem, SignUpProps } from '../core/interaction/pages.ts'
import { ClientPage } from './client-page.tsx'
import type { Page } from './page.ts'
import { ClientLegal, Csrf, Field, RevealButton, waitText } from './parts.tsx'
import { hostile, longName, notes, unverified } from './samples.ts'
import type { Translate } from './translate.ts'

const empty: SignUpProps = {
  action: '/sign-up?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  username: '',
  name: '',
  problem: null,
  signInUrl: '/sign-in?flow=flow_8JQ2M0',
  minPasswordLength: 8,
}
const typed: SignUpProps = { ...empty, username: 'ada@example.com', name: 'Ada Lovelace' }

/** Creates an account. */
export const signUpPage: Page<'sign-up'> = {
  name: 'sign-up',
  samples: {
    empty,
    invalid_email: { ...typed, username: 'ada@', problem: { kind: 'invalid_email' } },
    too_short: { ...typed, problem: { kind: 'password_too_short', min: 15 }, minPasswordLength: 15 },
    too_long: { ...typed, problem: { kind: 'password_too_long' } },
    common: { ...typed, problem: { kind: 'password_common' } },
    guessable: { ...typed, problem: { kind: 'password_guessable' } },
    differ: { ...typed, problem: { kind: 'passwords_differ' } },
    taken: { ...typed, problem: { kind: 'taken' } },
    throttled: { ...typed, problem: { kind: 'throttled', retryAfter: 60 } },
    busy: { ...typed, problem: { kind: 'busy', retryAfter: 5 } },
    unverified: { ...empty, client: unverified },
    long_name: { ...empty, client: longName },
    hostile: { ...empty, client: hostile, username: '"><script>', name: '<b>"</b>', csrf: '"><b>' },
  },

  render(props, t, view) {
    const { client, problem } = props
    return (
      <ClientPage
        page="sign-up"
        title={t('sign_up.title')}
        to="sign_up.to"
        client={client}
        problem={problem && problemText(problem, t)}
        t={t}
        view={view}
      >
        <SignUpForm {...props} t={t} />
        <p class="aside">
          {t('sign_up.have_account')} <a href={props.signInUrl}>{t('sign_up.sign_in')}</a>
        </p>
        <ClientLegal client={client} t={t} />
      </ClientPage>
    )
  },
}

function SignUpForm(props: SignUpProps & { readonly t: Translate }): VNode {
  const { t, problem } = props
  const errorOf = (id: string): string | false =>
    problem !== null && fieldOf(problem) === id && problemText(problem, t)
  return (
    <form id="signup-form" method="post" action={props.action}>
      <Csrf value={props.csrf} />
      <Field
        id="username"
        type="email"
        direction="ltr"
        label={t('field.email')}
        autocomplete="username"
        value={props.username}
        autofocus={problem === null}
        error={errorOf('username')}
      />
      <Field
        id="name"
        type="text"
        direction="auto"
        label={t('sign_up.name')}
        hint={t('sign_up.name_hint')}
        autocomplete="name"
        value={props.name}
        required={false}
      />
      <Field
        id="password"
        type="password"
        label={t('field.password')}
        hint={t('sign_up.password_hint', { min: props.minPasswordLength })}
        autocomplete="new-password"
        minlength={props.minPasswordLength}
        error={errorOf('password')}
        after={<RevealButton input="password" t={t} />}
      />
      <Field
        id="password_confirm"
        type="password"
        label={t('sign_up.password_confirm')}
        autocomplete="new-password"
        error={errorOf('password_confirm')}
        after={<RevealButton input="password_confirm" t={t} />}
      />
      <div class="actions">
        <button type="submit" id="signup-submit" class="primary">
          {t('sign_up.submit')}
        </button>
      </div>
    </form>
  )
}

/** The input a problem is about, or null where it is about none. */
function fieldOf(problem: SignUpProblem): 'username' | 'password' | 'password_confirm' | null {
  switch (problem.kind) {
    case 'invalid_email':
    case 'taken':
      return 'username'
    case 'passwords_differ':
      return 'password_confirm'
    case 'throttled':
    case 'busy':
      return null
    default:
      return 'password'
  }
}

function problemText(problem: SignUpProblem, t: Translate): string {
  switch (problem.kind) {
    case 'throttled':
      return t('problem.throttled', { wait: waitText(t, problem.retryAfter) })
    case 'busy':
      return t('problem.busy', { wait: waitText(t, problem.retryAfter) })
    case 'password_too_short':
      return t('sign_up.password_too_short', { min: problem.min })
    default:
      return t(`sign_up.${problem.kind}`)
  }
}
