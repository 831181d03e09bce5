import type { ComponentChildren, VNode } from 'preact'
import type { ErrorProps } from '../core/interaction/pages.ts'
import { difference, nearest } from './difference.ts'
import { AlertIcon } from './icons.tsx'
import { Layout } from './layout.tsx'
import type { Page, View } from './page.ts'
import { ClientName, Heading, Name, OutsideLink } from './parts.tsx'
import { hostile, longName, notes } from './samples.ts'
import type { Translate } from './translate.ts'
import { webUrl, webUrlOrPath } from './urls.ts'

const production: ErrorProps = {
  status: 400,
  code: 'invalid_request',
  reason: 'redirect_uri_mismatch',
  description: 'The redirect_uri is not one that is registered for this client.',
  blame: 'client',
  client: notes,
  reference: 'flow_8JQ2M0',
  detail: null,
  docUrl: '/docs/errors/redirect_uri_mismatch',
  restartUrl: null,
}
const development: ErrorProps = {
  ...production,
  detail: {
    param: 'redirect_uri',
    received: 'http://127.0.0.1:5173/callback',
    expected: 'http://localhost:5173/callback',
    fix: 'Register the address that the app sends, or send the one that is registered.',
    rule: 'OAuth 2.1 §2.3.1',
    command: 'pixy client update notes-spa --add-redirect-uri http://127.0.0.1:5173/callback',
  },
}

/** Tells people that it is not their fault, and developers what to do. */
export const errorPage: Page<'error'> = {
  name: 'error',
  samples: {
    production,
    development,
    development_missing: {
      ...development,
      reason: 'code_challenge_missing',
      description: 'The code_challenge is missing.',
      detail: {
        param: 'code_challenge',
        received: null,
        expected: '43 characters of base64url',
        fix: null,
        rule: null,
        command: null,
      },
    },
    development_several: {
      ...development,
      detail: {
        param: 'redirect_uri',
        received: 'https://app.acme.example/callback/',
        expected: 'http://localhost:5173/callback\nhttps://app.acme.example/callback',
        fix: null,
        rule: null,
        command: null,
      },
    },
    development_many: {
      ...development,
      detail: {
        param: 'scope',
        received: null,
        expected: Array.from({ length: 8 }, (_, i) => `https://scopes.acme.example/notes/${i}`).join('\n'),
        fix: null,
        rule: null,
        command: null,
      },
    },
    user: {
      ...production,
      blame: 'user',
      code: 'access_denied',
      reason: 'interaction_expired',
      description: 'This sign-in was started too long ago.',
      restartUrl: 'https://app.acme.example/login',
    },
    server: {
      ...production,
      blame: 'server',
      status: 500,
      code: 'server_error',
      reason: 'unexpected',
      description: 'The server met an unexpected condition.',
    },
    no_client: {
      ...production,
      client: null,
      reason: 'client_unknown',
      description: 'The client is not known here.',
    },
    long_name: { ...development, client: longName, reference: `flow_${'8JQ2M0'.repeat(12)}` },
    hostile: {
      ...development,
      client: hostile,
      code: '<script>alert(1)</script>',
      reason: '"><script>alert(1)</script>',
      description: '<script>alert(1)</script>',
      reference: '"><b>',
      docUrl: 'javascript:alert(1)',
      restartUrl: 'javascript:alert(1)',
      detail: {
        param: '<b>',
        received: `<script>alert(1)</script>${'x'.repeat(300)}`,
        expected: '"><b>',
        fix: '<b>',
        rule: '<b>',
        command: '"; rm -rf / <b>',
      },
    },
  },

  render(props, t, view) {
    const title = t(`error.title_${props.blame}`)
    return (
      <Layout page="error" wide error title={title} t={t} view={view}>
        <div id="error-page">
          <Heading
            logo={
              <span class={`logo trouble ${props.blame}`}>
                <AlertIcon />
              </span>
            }
            title={title}
          >
            <p>{t(`error.lead_${props.blame}`)}</p>
          </Heading>
          {props.blame === 'client' && <p class="hint">{t('error.help_client')}</p>}
          <WayOn {...props} t={t} />
          <Facts {...props} t={t} />
          {view.development && props.detail !== null && <Developer detail={props.detail} t={t} view={view} />}
        </div>
      </Layout>
    )
  },
}

/** Where people can go from here. */
function WayOn({ restartUrl, client, t }: ErrorProps & { readonly t: Translate }): VNode | null {
  const restart = webUrlOrPath(restartUrl)
  if (restart !== null) {
    return (
      <p class="actions">
        <a class="button primary" href={restart}>
          {t('error.restart')}
        </a>
      </p>
    )
  }
  const home = client && !client.unverified ? webUrl(client.clientUri) : null
  if (client === null || home === null) return null
  return (
    <p class="actions">
      <a class="button secondary" href={home}>
        {t.rich('error.back', { client: <Name>{client.name}</Name> })}
      </a>
    </p>
  )
}

function Facts(props: ErrorProps & { readonly t: Translate }): VNode {
  const { t, client } = props
  const documentation = webUrlOrPath(props.docUrl)
  return (
    <section class="facts" aria-label={t('error.details')}>
      <dl>
        <Fact name={t('error.code')}>
          <code id="error-code" dir="ltr">
            {props.code}
          </code>
        </Fact>
        <Fact name={t('error.reason')}>
          <code dir="ltr">{props.reason}</code>
        </Fact>
        <Fact name={t('error.description')}>
          <span id="error-description" lang="en" dir="ltr">
            {props.description}
          </span>
        </Fact>
        {client !== null && (
          <Fact name={t('error.app')}>
            <ClientName client={client} /> <code dir="ltr">{client.clientId}</code>
          </Fact>
        )}
        <Fact name={t('error.reference')}>
          <code id="error-reference" class="whole" dir="ltr">
            {props.reference}
          </code>
        </Fact>
      </dl>
      {documentation !== null && (
        <p>
          <OutsideLink href={documentation} t={t}>
            {t('error.documentation')}
          </OutsideLink>
        </p>
      )}
    </section>
  )
}

function Fact(props: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}

function Developer(props: {
  readonly detail: NonNullable<ErrorProps['detail']>
  readonly t: Translate
  readonly view: View
}): VNode {
  const { detail, t } = props
  return (
    <section class="developer" aria-labelledby="developer">
      <h2 id="developer">{t('error.developer')}</h2>
      <p class="hint">{t('error.developer_note')}</p>
      <dl>
        {detail.param !== null && (
          <Fact name={t('error.param')}>
            <code dir="ltr">{detail.param}</code>
          </Fact>
        )}
        {(detail.received !== null || detail.expected !== null) && (
          <Comparison received={detail.received} expected={detail.expected} t={t} />
        )}
        {detail.rule !== null && (
          <Fact name={t('error.rule')}>
            <span lang="en" dir="ltr">
              {detail.rule}
            </span>
          </Fact>
        )}
        {detail.fix !== null && (
          <Fact name={t('error.fix')}>
            <span lang="en" dir="ltr">
              {detail.fix}
            </span>
          </Fact>
        )}
        {detail.command !== null && (
          <Fact name={t('error.command')}>
            <code class="command" dir="ltr">
              {detail.command}
            </code>
          </Fact>
        )}
      </dl>
    </section>
  )
}

/** One under the other, what differs marked; several expected values stand a line each. */
function Comparison(props: {
  readonly received: string | null
  readonly expected: string | null
  readonly t: Translate
}): VNode {
  const { received, expected, t } = props
  const candidates = expected?.split('\n') ?? []
  const target = received === null ? null : nearest(received, candidates)
  return (
    <>
      <Fact name={t('error.received')}>
        {received === null ? <em>{t('error.missing')}</em> : <Marked text={received} other={target} />}
      </Fact>
      {expected !== null && (
        <Fact name={t('error.expected')}>
          {candidates.map((candidate) => (
            <Marked text={candidate} other={candidate === target ? received : null} />
          ))}
        </Fact>
      )}
    </>
  )
}

/** Without an `other` there is nothing to mark. */
function Marked({ text, other }: { readonly text: string; readonly other: string | null }): VNode {
  if (!other) {
    return (
      <code class="value" dir="ltr">
        {text}
      </code>
    )
  }
  const { same, differs, sameAgain } = difference(text, other)
  return (
    <code class="value" dir="ltr">
      {same}
      {text !== other && <mark>{differs}</mark>}
      {sameAgain}
    </code>
  )
}
