import type { VNode } from 'preact'
import type { DeviceConfirmProps, DeviceOrigin } from '../core/interaction/pages.ts'
import { AccountLine, isOptional, Resources, Scopes } from './consent.tsx'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import {
  ClientLegal,
  ClientLogo,
  ClientName,
  Csrf,
  Heading,
  Name,
  UnverifiedNotice,
  Warning,
} from './parts.tsx'
import { aScope, hostile, livingRoomTv, longName, rightToLeft, unbreakable, unverified } from './samples.ts'
import type { Translate } from './translate.ts'

const ordinary: DeviceConfirmProps = {
  action: '/device-confirm?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: livingRoomTv,
  account: 'ada@example.com',
  userCode: 'WDJB-MJHT',
  origin: { minutesAgo: 0, sameNetwork: true, network: '203.0.x.x' },
  scopes: [
    aScope('openid', { required: true }),
    aScope('profile'),
    aScope('videos:watch', { description: 'Watch your videos' }),
    aScope('offline_access'),
  ],
  resources: [],
  switchAccountUrl: '/select-account?flow=flow_8JQ2M0',
}

/** Asks whether the device is one's own, and what it may do (RFC 8628 §3.3, §5.4). */
export const deviceConfirmPage: Page<'device-confirm'> = {
  name: 'device-confirm',
  samples: {
    ordinary,
    elsewhere: { ...ordinary, origin: { minutesAgo: 4, sameNetwork: false, network: '203.0.x.x' } },
    unclear: { ...ordinary, origin: { minutesAgo: 1, sameNetwork: null, network: '2001:db8:…' } },
    nothing: { ...ordinary, scopes: [], resources: ['Notes API'] },
    sensitive: {
      ...ordinary,
      scopes: [aScope('videos:delete', { description: 'Delete videos', sensitive: true, checked: false })],
    },
    unverified: { ...ordinary, client: unverified },
    long_name: { ...ordinary, client: longName, account: `${'a.very.long.name'.repeat(4)}@example.com` },
    unbreakable_name: { ...ordinary, client: unbreakable },
    rtl_name: { ...ordinary, client: rightToLeft },
    hostile: {
      ...ordinary,
      client: hostile,
      csrf: '"><b>',
      account: '<b>"bold"</b>',
      userCode: '<script>',
      origin: { ...ordinary.origin, sameNetwork: false, network: '"><script>' },
      scopes: [aScope('"><script>', { description: '<script>alert(1)</script>' })],
    },
  },

  render(props, t, view) {
    const { client } = props
    return (
      <Layout
        page="device-confirm"
        wide
        title={t('device_confirm.title', { client: client.name })}
        reference={view.flowId}
        t={t}
        view={view}
      >
        <Heading
          logo={<ClientLogo client={client} view={view} />}
          title={t.rich('device_confirm.title', { client: <ClientName client={client} /> })}
        />
        <AccountLine account={props.account} switchUrl={props.switchAccountUrl} t={t} />
        <Warning title={t('device_confirm.warning_title')}>{t('device_confirm.warning')}</Warning>
        {client.unverified && <UnverifiedNotice t={t} view={view} />}
        <div class="user-code">
          <p>{t('device_confirm.code')}</p>
          <p>
            <code dir="ltr">{props.userCode}</code>
          </p>
          <p class="hint">
            {askedText(props.origin, t)} <br />
            {fromText(props.origin, t)}
          </p>
        </div>
        <form id="device-confirm-form" method="post" action={props.action}>
          <Csrf value={props.csrf} />
          <Scopes scopes={props.scopes} client={<Name>{client.name}</Name>} t={t} />
          <Resources resources={props.resources} t={t} />
          <div class="actions pair">
            <button type="submit" id="device-allow" class="primary" name="action" value="allow">
              {t(props.scopes.some(isOptional) ? 'consent.allow_selected' : 'consent.allow')}
            </button>
            <button type="submit" id="device-deny" class="secondary" name="action" value="deny">
              {t('consent.deny')}
            </button>
          </div>
        </form>
        <p class="aside">{t('consent.revoke')}</p>
        <ClientLegal client={client} t={t} />
      </Layout>
    )
  },
}

function askedText({ minutesAgo }: DeviceOrigin, t: Translate): string {
  return minutesAgo === 0 ? t('device_confirm.asked_now') : t('device_confirm.asked', { minutes: minutesAgo })
}

function fromText({ sameNetwork, network }: DeviceOrigin, t: Translate): VNode | null {
  if (network === null) return null
  if (sameNetwork === true) return <span>{t('device_confirm.from_here')}</span>
  const shown = <bdi dir="ltr">{network}</bdi>
  if (sameNetwork === null) return <span>{t.rich('device_confirm.from', { network: shown })}</span>
  return <strong>{t.rich('device_confirm.from_elsewhere', { network: shown })}</strong>
}
