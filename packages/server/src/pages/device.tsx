import type { VNode } from 'preact'
import type { DeviceProblem, DeviceProps } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { Csrf, ErrorSummary, Field, Heading, Warning, waitText } from './parts.tsx'
import type { Translate } from './translate.ts'

const empty: DeviceProps = { action: '/device', csrf: 'csrf-value', userCode: '', problem: null }
const typed: DeviceProps = { ...empty, userCode: 'WDJB-MJHT' }

/** Asks for the code that a device shows (RFC 8628 §3.3). */
export const devicePage: Page<'device'> = {
  name: 'device',
  samples: {
    empty,
    from_link: typed,
    missing: { ...empty, problem: { kind: 'missing' } },
    unknown: { ...typed, problem: { kind: 'unknown' } },
    throttled: { ...typed, problem: { kind: 'throttled', retryAfter: 95 } },
    hostile: { ...empty, csrf: '"><b>', userCode: '"><script>' },
  },

  render(props, t, view) {
    const { problem, userCode } = props
    return (
      <Layout
        page="device"
        title={t('device.title')}
        error={problem !== null}
        reference={view.flowId}
        t={t}
        view={view}
      >
        <Heading title={t('device.title')}>
          <p>{t('device.lead')}</p>
        </Heading>
        {problem !== null && <ErrorSummary>{problemText(problem, t)}</ErrorSummary>}
        <form id="device-form" method="post" action={props.action}>
          <Csrf value={props.csrf} />
          <Field
            id="user_code"
            type="text"
            direction="ltr"
            label={t('device.code')}
            autocomplete="off"
            value={userCode}
            autofocus={problem === null}
            error={problem !== null && problem.kind !== 'throttled'}
            hint={hint(props, t)}
          />
          <div class="actions">
            <button type="submit" id="device-continue" class="primary">
              {t('device.continue')}
            </button>
          </div>
        </form>
        <Warning title={t('device.warning_title')}>{t('device.warning')}</Warning>
      </Layout>
    )
  },
}

/** A code that came with the link was not read off a device: whoever sent the link chose it (RFC 8628 §5.4). */
function hint({ problem, userCode }: DeviceProps, t: Translate): VNode | string {
  return problem === null && userCode !== '' ? <strong>{t('device.compare')}</strong> : t('device.hint')
}

function problemText(problem: DeviceProblem, t: Translate): string {
  if (problem.kind === 'throttled') {
    return t('problem.throttled', { wait: waitText(t, problem.retryAfter) })
  }
  return t(`device.${problem.kind}`)
}
