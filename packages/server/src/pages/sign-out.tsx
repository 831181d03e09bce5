import type { SignOutProps } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { ClientLogo, ClientName, Csrf, Heading, Initial, Name } from './parts.tsx'
import { hostile, longName, notes } from './samples.ts'

const plain: SignOutProps = {
  action: '/sign-out',
  csrf: 'csrf-value',
  account: 'ada@example.com',
  client: null,
  hidden: [],
}

/** Asks before it signs anybody out (OIDC RP-Initiated Logout §2). */
export const signOutPage: Page<'sign-out'> = {
  name: 'sign-out',
  samples: {
    plain,
    client: { ...plain, client: notes, hidden: [['state', 'af0ifjsldkj']] },
    nobody: { ...plain, account: null },
    long_name: { ...plain, client: longName, account: `${'a.very.long.name'.repeat(4)}@example.com` },
    hostile: {
      ...plain,
      client: hostile,
      account: '<b>',
      csrf: '"><b>',
      hidden: [['"><script>', '"><script>']],
    },
  },

  render(props, t, view) {
    const { client, account } = props
    return (
      <Layout
        page="sign-out"
        title={t('sign_out.title', { brand: view.brand })}
        reference={view.flowId}
        t={t}
        view={view}
      >
        <Heading
          logo={client && <ClientLogo client={client} view={view} />}
          title={t.rich('sign_out.title', { brand: <Name>{view.brand}</Name> })}
        >
          {client !== null && (
            <p>{t.rich('sign_out.asked_by', { client: <ClientName client={client} /> })}</p>
          )}
        </Heading>
        {account !== null && (
          <p class="account-line">
            <Initial of={account} class="face" />
            <span class="grow">{t.rich('sign_out.account', { account: <Name>{account}</Name> })}</span>
          </p>
        )}
        <form id="logout-form" method="post" action={props.action}>
          <Csrf value={props.csrf} />
          {props.hidden.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="actions">
            <button type="submit" id="logout-confirm" class="primary" name="action" value="confirm">
              {t('sign_out.confirm')}
            </button>
            <button type="submit" id="logout-cancel" class="secondary" name="action" value="cancel">
              {t('sign_out.cancel')}
            </button>
          </div>
        </form>
      </Layout>
    )
  },
}
