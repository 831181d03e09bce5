import type { VNode } from 'preact'
import type { ScopeDisplay, ScopesProps } from '../core/interaction/pages.ts'
import { scopeText } from './consent.tsx'
import { Layout } from './layout.tsx'
import type { Page } from './page.ts'
import { Heading, Name } from './parts.tsx'
import { someScopes } from './samples.ts'
import type { Translate } from './translate.ts'

/** What applications may ask for, for those who write them. */
export const scopesPage: Page<'scopes'> = {
  name: 'scopes',
  samples: {
    ordinary: { scopes: someScopes },
    many: {
      scopes: Array.from({ length: 24 }, (_, i) => aScope(`urn:acme:long-scope-name:${i}:read`)),
    },
    hostile: { scopes: [aScope('"><script>', '<script>alert(1)</script>')] },
  },

  render({ scopes }: ScopesProps, t, view) {
    return (
      <Layout page="scopes" wide title={t('scopes.title')} t={t} view={view}>
        <Heading title={t('scopes.title')}>
          <p>{t.rich('scopes.lead', { brand: <Name>{view.brand}</Name> })}</p>
        </Heading>
        <div class="scopes">
          <ul id="scopes">
            {scopes.map((scope) => (
              <ScopeRow scope={scope} t={t} />
            ))}
          </ul>
        </div>
      </Layout>
    )
  },
}

/** The name that programs send comes first here: on the consent page it comes last. */
function ScopeRow({ scope, t }: { readonly scope: ScopeDisplay; readonly t: Translate }): VNode {
  const { title, description } = scopeText(scope, t)
  return (
    <li class="scope-entry">
      <code dir="ltr">{scope.name}</code>
      {scope.required && <span class="badge">{t('consent.required')}</span>}
      {scope.sensitive && <span class="badge caution">{t('consent.sensitive')}</span>}
      {title !== scope.name && (
        <p>
          <Name>{title}</Name>
        </p>
      )}
      {description !== null && <p class="hint">{description}</p>}
    </li>
  )
}

function aScope(name: string, description: string | null = null): ScopeDisplay {
  return { name, description, required: false, sensitive: false }
}
