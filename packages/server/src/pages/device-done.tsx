import { AlertIcon, CheckIcon } from './icons.tsx'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { ClientName, Heading } from './parts.tsx'
import { hostile, livingRoomTv, longName } from './samples.ts'

/** Tells whether the device was connected (RFC 8628 §3.3). */
export const deviceDonePage: Page<'device-done'> = {
  name: 'device-done',
  samples: {
    connected: { client: livingRoomTv, connected: true },
    denied: { client: livingRoomTv, connected: false },
    long_name: { client: longName, connected: true },
    hostile: { client: hostile, connected: false },
  },

  render({ client, connected }, t, view) {
    const outcome = connected ? 'connected' : 'denied'
    const title = t(`device_done.${outcome}_title`)
    return (
      <Layout page="device-done" title={title} reference={view.flowId} t={t} view={view}>
        <section id={`device-${outcome}`}>
          <Heading
            logo={
              <span class={connected ? 'logo done' : 'logo trouble'}>
                {connected ? <CheckIcon /> : <AlertIcon />}
              </span>
            }
            title={title}
          >
            <p>{t.rich(`device_done.${outcome}`, { client: <ClientName client={client} /> })}</p>
          </Heading>
          <p class="notice">{t(connected ? 'consent.revoke' : 'device_done.denied_help')}</p>
        </section>
      </Layout>
    )
  },
}
