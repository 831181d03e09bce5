import type { SelectAccountProps } from '../core/interaction/pages.ts'
import { ClientPage } from './client-page.tsx'
import { ChevronIcon, PlusIcon } from './icons.tsx'
import type { Page } from './page.ts'
import { Csrf, Initial } from './parts.tsx'
import { hostile, longName, notes, unverified } from './samples.ts'

const ada = { sid: 'sid-ada', name: 'Ada Lovelace', username: 'ada@example.com', expired: false }
const grace = { sid: 'sid-grace', name: 'Grace Hopper', username: 'grace@navy.example', expired: true }
const two: SelectAccountProps = {
  action: '/select-account?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  accounts: [ada, grace],
}

/** Lets people choose one of the accounts this browser knows (OIDC Core §3.1.2.1, `prompt=select_account`). */
export const selectAccountPage: Page<'select-account'> = {
  name: 'select-account',
  samples: {
    two,
    one: { ...two, accounts: [ada] },
    none: { ...two, accounts: [] },
    nameless: {
      ...two,
      accounts: [
        { ...ada, name: '' },
        { ...grace, name: 'grace@navy.example' },
      ],
    },
    many: {
      ...two,
      accounts: Array.from({ length: 12 }, (_, i) => ({ ...ada, sid: `sid-${i}`, expired: i > 8 })),
    },
    unverified: { ...two, client: unverified },
    long_name: {
      ...two,
      client: longName,
      accounts: [
        { ...ada, name: 'Wolfeschlegelsteinhausen'.repeat(3), username: `${'long'.repeat(16)}@example.com` },
      ],
    },
    hostile: {
      ...two,
      client: hostile,
      csrf: '"><b>',
      accounts: [{ sid: '"><script>', name: '<script>alert(1)</script>', username: '"><b>', expired: true }],
    },
  },

  render(props, t, view) {
    const { client } = props
    return (
      <ClientPage
        page="select-account"
        title={t('select_account.title')}
        to="select_account.to"
        client={client}
        t={t}
        view={view}
      >
        <form id="select-account-form" method="post" action={props.action}>
          <Csrf value={props.csrf} />
          <ul class="accounts">
            {props.accounts.map((account) => (
              <li>
                <button type="submit" class="account" name="account" value={account.sid}>
                  <Initial of={account.name || account.username} class="face" />
                  <span class="grow">
                    <span class="account-name">
                      <bdi class="strong">{account.name || account.username}</bdi>
                      {account.expired && <span class="badge">{t('select_account.expired')}</span>}
                    </span>
                    {account.name !== '' && account.name !== account.username && (
                      <bdi class="account-username">{account.username}</bdi>
                    )}
                  </span>
                  <ChevronIcon />
                </button>
              </li>
            ))}
            <li>
              <button type="submit" class="account" name="account" value="">
                <span class="face plain">
                  <PlusIcon />
                </span>
                <span class="grow strong">{t('select_account.other')}</span>
                <ChevronIcon />
              </button>
            </li>
          </ul>
        </form>
      </ClientPage>
    )
  },
}
