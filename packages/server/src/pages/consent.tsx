import type { VNode } from 'preact'
import type { ConsentProps, ConsentScope } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import {
  ClientLegal,
  ClientLogo,
  ClientName,
  Csrf,
  Heading,
  Initial,
  Name,
  UnverifiedNotice,
} from './parts.tsx'
import {
  aScope,
  hostile,
  longName,
  notes,
  rightToLeft,
  unbreakable,
  unverified,
  withLogo,
} from './samples.ts'
import type { Translate } from './translate.ts'

/** The scopes that have texts in the catalogues (OIDC Core §5.4, §11). */
const STANDARD_SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const

const openid = aScope('openid', { required: true })
const ordinary: ConsentProps = {
  action: '/consent?flow=flow_8JQ2M0',
  csrf: 'csrf-value',
  client: notes,
  account: 'ada@example.com',
  scopes: [
    openid,
    aScope('profile'),
    aScope('email'),
    aScope('notes:read', { description: 'See your notes' }),
    aScope('notes:delete', { description: 'Delete notes', sensitive: true, checked: false }),
    aScope('offline_access'),
  ],
  resources: ['Notes API'],
  returnsTo: 'app.acme.example',
  switchAccountUrl: '/select-account?flow=flow_8JQ2M0',
  changed: false,
}

/** Asks what the client may do; the form can only narrow the request. */
export const consentPage: Page<'consent'> = {
  name: 'consent',
  samples: {
    ordinary,
    required_only: { ...ordinary, scopes: [openid], resources: [] },
    nothing: { ...ordinary, scopes: [], resources: [] },
    standard: {
      ...ordinary,
      scopes: STANDARD_SCOPES.map((name) => aScope(name, { required: name === 'openid' })),
    },
    changed: {
      ...ordinary,
      changed: true,
      scopes: [
        openid,
        aScope('notes:read'),
        aScope('notes:share', { description: 'Share your notes', isNew: true }),
      ],
    },
    many: {
      ...ordinary,
      scopes: [openid, ...Array.from({ length: 24 }, (_, i) => aScope(`urn:acme:long-scope-name:${i}:read`))],
      resources: ['Notes API', 'Billing API', 'https://api.acme.example/v1/a/rather/long/identifier'],
    },
    logo: { ...ordinary, client: withLogo },
    unverified: { ...ordinary, client: unverified, returnsTo: 'mcp.example' },
    native: { ...ordinary, returnsTo: 'com.example.notes:' },
    long_name: { ...ordinary, client: longName, account: `${'a.very.long.name'.repeat(4)}@example.com` },
    unbreakable_name: { ...ordinary, client: unbreakable },
    rtl_name: { ...ordinary, client: rightToLeft },
    hostile: {
      ...ordinary,
      client: hostile,
      account: '<b>"bold"</b>',
      csrf: '"><b>',
      scopes: [openid, aScope('"><script>', { description: '<script>alert(1)</script>' })],
      resources: ['<script>alert(1)</script>'],
      returnsTo: '"><script>',
    },
  },

  render(props, t, view) {
    const { client } = props
    const name = <Name>{client.name}</Name>
    return (
      <Layout
        page="consent"
        wide
        title={t('consent.title', { client: client.name })}
        reference={view.flowId}
        t={t}
        view={view}
      >
        <Heading
          logo={<ClientLogo client={client} view={view} />}
          title={t.rich('consent.title', { client: <ClientName client={client} /> })}
        />
        <AccountLine account={props.account} switchUrl={props.switchAccountUrl} t={t} />
        {client.unverified && <UnverifiedNotice t={t} view={view} />}
        {props.changed && <p class="notice">{t.rich('consent.changed', { client: name })}</p>}
        <form id="consent-form" method="post" action={props.action}>
          <Csrf value={props.csrf} />
          <Scopes scopes={props.scopes} client={name} t={t} />
          <Resources resources={props.resources} t={t} />
          <div class="actions pair">
            <button type="submit" id="consent-allow" class="primary" name="action" value="allow">
              {t(props.scopes.some(isOptional) ? 'consent.allow_selected' : 'consent.allow')}
            </button>
            <button type="submit" id="consent-deny" class="secondary" name="action" value="deny">
              {t('consent.deny')}
            </button>
          </div>
        </form>
        <p class="aside">
          {t.rich('consent.returns_to', {
            target: (
              <strong dir="ltr" class="host">
                {props.returnsTo}
              </strong>
            ),
          })}
          <br />
          {t('consent.revoke')}
        </p>
        <ClientLegal client={client} t={t} />
      </Layout>
    )
  },
}

export function AccountLine(props: {
  readonly account: string
  readonly switchUrl: string
  readonly t: Translate
}): VNode {
  const { account, t } = props
  return (
    <p class="account-line">
      <Initial of={account} class="face" />
      <span class="grow">{t.rich('consent.account', { account: <Name>{account}</Name> })}</span>
      <a href={props.switchUrl}>{t('consent.switch')}</a>
    </p>
  )
}

export function Scopes(props: {
  readonly scopes: readonly ConsentScope[]
  readonly client: VNode
  readonly t: Translate
}): VNode {
  const { scopes, client, t } = props
  if (scopes.length === 0) return <p class="notice">{t.rich('consent.nothing', { client })}</p>
  return (
    <fieldset class="scopes">
      <legend>{t.rich('consent.legend', { client })}</legend>
      <ul>
        {scopes.map((scope, index) => (
          <ScopeRow scope={scope} id={`scope-${index}`} t={t} />
        ))}
      </ul>
    </fieldset>
  )
}

/** The APIs that the tokens open. */
export function Resources(props: {
  readonly resources: readonly string[]
  readonly t: Translate
}): VNode | null {
  const { resources, t } = props
  if (resources.length === 0) return null
  const names = t.list(resources.map((resource) => <strong dir="auto">{resource}</strong>))
  return <p class="resources">{t.rich('consent.resources', { resources: <>{names}</> })}</p>
}

function ScopeRow(props: {
  readonly scope: ConsentScope
  readonly id: string
  readonly t: Translate
}): VNode {
  const { scope, id, t } = props
  const { title, description } = scopeText(scope, t)
  return (
    <li class="scope">
      <input
        type="checkbox"
        class="scope-input"
        id={id}
        name="scope"
        value={scope.name}
        checked={scope.checked || isFixed(scope)}
        disabled={isFixed(scope)}
        aria-describedby={`${id}-about`}
      />
      <div class="scope-text">
        <label for={id} dir="auto">
          {title}
        </label>
        <span id={`${id}-about`} class="about">
          {isFixed(scope) && <span class="badge">{t('consent.required')}</span>}
          {scope.sensitive && <span class="badge caution">{t('consent.sensitive')}</span>}
          {scope.isNew && <span class="badge fresh">{t('consent.new')}</span>}
          {description !== null && <span class="description">{description}</span>}
          {title !== scope.name && (
            <span class="scope-name">
              <code dir="ltr">{scope.name}</code>
            </span>
          )}
        </span>
      </div>
    </li>
  )
}

/** `openid` makes the request an OpenID request and cannot be taken out of it. */
function isFixed(scope: ConsentScope): boolean {
  return scope.required || scope.name === 'openid'
}

export function isOptional(scope: ConsentScope): boolean {
  return !isFixed(scope)
}

/** The workspace's own words go before the catalogue's. */
export function scopeText(
  scope: Pick<ConsentScope, 'name' | 'description'>,
  t: Translate,
): { readonly title: string; readonly description: string | null } {
  if (scope.description) return { title: scope.description, description: null }
  const standard = STANDARD_SCOPES.find((name) => name === scope.name)
  if (!standard) return { title: scope.name, description: null }
  return { title: t(`scope.${standard}.title`), description: t(`scope.${standard}.description`) }
}
