import { CheckIcon } from './icons.tsx'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { ClientName, Heading, Name } from './parts.tsx'
import { hostile, longName, notes } from './samples.ts'
import { webUrl } from './urls.ts'

/** Where sign-out ends that leads nowhere else. */
export const signedOutPage: Page<'signed-out'> = {
  name: 'signed-out',
  samples: {
    plain: { client: null, notReturned: false },
    client: { client: notes, notReturned: false },
    not_returned: { client: null, notReturned: true },
    not_returned_client: { client: notes, notReturned: true },
    long_name: { client: longName, notReturned: true },
    hostile: { client: hostile, notReturned: true },
  },

  render({ client, notReturned }, t, view) {
    const home = client && !client.unverified ? webUrl(client.clientUri) : null
    return (
      <Layout page="signed-out" title={t('signed_out.title')} reference={view.flowId} t={t} view={view}>
        <section id="signed-out">
          <Heading
            logo={
              <span class="logo done">
                <CheckIcon />
              </span>
            }
            title={t('signed_out.title')}
          >
            <p>{t('signed_out.close')}</p>
          </Heading>
          {notReturned && (
            <p class="notice">
              {client === null
                ? t('signed_out.not_returned')
                : t.rich('signed_out.not_returned_client', { client: <ClientName client={client} /> })}
            </p>
          )}
          <p class="hint">{t('signed_out.shared')}</p>
          {client !== null && home !== null && (
            <p class="actions">
              <a class="button secondary" href={home}>
                {t.rich('signed_out.back', {
                  client: notReturned ? <Name>{client.name}</Name> : <ClientName client={client} />,
                })}
              </a>
            </p>
          )}
        </section>
      </Layout>
    )
  },
}
