import type { VNode } from 'preact'
import type { LinkAccountProps, SignInProblem } from '../core/interaction/pages.ts'
import { ClientPage } from './client-page.tsx'
import type { Page } from './page.ts'
import { Csrf, Field, Name, RevealButton, waitText } from './parts.tsx'
import { hostile, longName, notes, unverified } from './samples.ts'
import type { Translate } from './translate.ts'

const empty: LinkAccountProps = {
  action: '/link-account?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  provider: 'Acme Corp',
  account: 'ada@example.com',
  problem: null,
}

/** Asks whether an account here is the same person's as one at a provider; only its password answers yes. */
export const linkAccountPage: Page<'link-account'> = {
  name: 'link-account',
  samples: {
    empty,
    wrong: { ...empty, problem: { kind: 'wrong_credentials' } },
    missing_password: { ...empty, problem: { kind: 'missing_password' } },
    throttled: { ...empty, problem: { kind: 'throttled', retryAfter: 95 } },
    busy: { ...empty, problem: { kind: 'busy', retryAfter: 2 } },
    unverified: { ...empty, client: unverified },
    long_name: {
      ...empty,
      client: longName,
      provider: longName.name,
      account: `${'long'.repeat(16)}@example.com`,
    },
    hostile: {
      ...empty,
      client: hostile,
      csrf: '"><b>',
      provider: '<script>alert(1)</script>',
      account: '"><script>alert(1)</script>',
    },
  },

  render(props, t, view) {
    const { client, problem } = props
    const provider = <Name>{props.provider}</Name>
    return (
      <ClientPage
        page="link-account"
        title={t('link_account.title')}
        to="sign_in.to"
        client={client}
        problem={problem && problemText(problem, t)}
        t={t}
        view={view}
      >
        <p class="explain">{t.rich('link_account.lead', { provider })}</p>
        <p id="same-account" class="same-account">
          <bdi>{props.account}</bdi>
        </p>
        <p class="explain">{t.rich('link_account.explain', { provider })}</p>
        <LinkForm {...props} t={t} />
      </ClientPage>
    )
  },
}

function LinkForm(props: LinkAccountProps & { readonly t: Translate }): VNode {
  const { t, problem } = props
  const wrong = problem?.kind === 'wrong_credentials'
  return (
    <form id="link-form" method="post" action={props.action}>
      <Csrf value={props.csrf} />
      {/* Password managers look for the name beside the password. It is not read. */}
      <input type="text" name="username" autocomplete="username" value={props.account} readonly hidden />
      <Field
        id="password"
        type="password"
        label={t('field.password')}
        autocomplete="current-password"
        autofocus={problem === null}
        error={problem?.kind === 'missing_password' ? t('link_account.missing_password') : wrong}
        after={<RevealButton input="password" t={t} />}
      />
      <div class="actions">
        <button type="submit" id="link-submit" class="primary">
          {t('link_account.submit')}
        </button>
        <button
          type="submit"
          id="link-separate"
          class="secondary"
          name="action"
          value="separate"
          formnovalidate
          aria-describedby="separate-hint"
        >
          {t('link_account.separate')}
        </button>
        <p id="separate-hint" class="hint">
          {t.rich('link_account.separate_hint', { provider: <Name>{props.provider}</Name> })}
        </p>
        <button type="submit" id="link-cancel" class="quiet" name="action" value="cancel" formnovalidate>
          {t('link_account.cancel')}
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
    case 'missing_password':
      return t('link_account.missing_password')
    default:
      return t('link_account.wrong_credentials')
  }
}
