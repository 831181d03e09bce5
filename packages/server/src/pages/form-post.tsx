import { createHash } from 'node:crypto'
import type { FormPostProps } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { ClientName, Heading } from './parts.tsx'
import { hostile, longName, notes } from './samples.ts'

/** `submit` may be shadowed by an input of that name. */
const SUBMIT = 'HTMLFormElement.prototype.submit.call(document.forms[0])'

const code: FormPostProps = {
  action: 'https://app.acme.example/callback',
  parameters: [
    ['code', 'SplxlOBeZQQYbYS6WxSbIA'],
    ['state', 'af0ifjsldkj'],
    ['iss', 'https://auth.acme.example'],
  ],
  client: notes,
}

/** Hands the authorization response to the client (OAuth 2.0 Form Post Response Mode §2). */
export const formPostPage: Page<'form-post'> = {
  name: 'form-post',
  scriptHashes: [`'sha256-${createHash('sha256').update(SUBMIT).digest('base64')}'`],
  samples: {
    code,
    error: {
      ...code,
      parameters: [
        ['error', 'access_denied'],
        ['error_description', 'The user said no.'],
        ['state', ''],
      ],
    },
    long_name: { ...code, client: longName },
    hostile: {
      ...code,
      client: hostile,
      action: 'https://app.acme.example/"><script>alert(1)</script>',
      parameters: [
        ['state', '"><script>alert(1)</script>&amp;'],
        ['submit', 'x'],
      ],
    },
  },

  render({ action, parameters, client }, t, view) {
    return (
      <Layout page="form-post" bare title={t('form_post.title')} t={t} view={view}>
        <Heading title={t('form_post.title')}>
          <p>{t.rich('form_post.to', { client: <ClientName client={client} /> })}</p>
        </Heading>
        <form id="form-post" method="post" action={action}>
          {parameters.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="actions">
            <button type="submit" class="primary">
              {t('form_post.submit')}
            </button>
          </div>
        </form>
        {/* A constant, allowed by its hash; text between script tags must not be escaped. */}
        <script dangerouslySetInnerHTML={{ __html: SUBMIT }} />
      </Layout>
    )
  },
}
