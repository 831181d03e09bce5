import type { ComponentChildren, VNode } from 'preact'
import type { ScopesProps } from '../core/interaction/pages.ts'
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
    ordinary: { scopes: someScopes.map((scope) => ({ ...scope, pattern: null })) },
    patterns: {
      scopes: [
        aPattern('transfers.{account}', 'See transfers of the account {account}'),
        aPattern('close/{bank}/{bank_account}', 'Close the account {bank_account} at {bank}', true),
        aPattern('audit/{account}', null),
      ],
    },
    many: {
      scopes: Array.from({ length: 24 }, (_, i) => aScope(`urn:acme:long-scope-name:${i}:read`)),
    },
    hostile: {
      scopes: [
        aScope('"><script>', '<script>alert(1)</script>'),
        aPattern('"><script>{account}', '<script>alert({account})</script> {other}'),
      ],
    },
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

type Scope = ScopesProps['scopes'][number]

/** The name that programs send comes first here: on the consent page it comes last. */
function ScopeRow({ scope, t }: { readonly scope: Scope; readonly t: Translate }): VNode {
  const { title, description } = scopeText(scope, t)
  return (
    <li class="scope-entry">
      <code dir="ltr">{scope.name}</code>
      {scope.required && <span class="badge">{t('consent.required')}</span>}
      {scope.sensitive && <span class="badge caution">{t('consent.sensitive')}</span>}
      {title !== scope.name && (
        <p>
          <bdi>{withoutBraces(title, scope.pattern?.placeholders ?? [])}</bdi>
        </p>
      )}
      {description !== null && <p class="hint">{description}</p>}
      {scope.pattern && (
        <p class="hint">
          {t.rich('scopes.pattern', { example: <code dir="ltr">{scope.pattern.example}</code> })}
        </p>
      )}
    </li>
  )
}

/** The consent page has the value there; here stands what it is of. */
function withoutBraces(text: string, placeholders: readonly string[]): ComponentChildren {
  return text.split(/\{([^{}]*)\}/).map((part, index) => {
    if (index % 2 === 0) return part
    return placeholders.includes(part) ? <var>{part.replaceAll('_', ' ')}</var> : `{${part}}`
  })
}

function aScope(name: string, description: string | null = null): Scope {
  return { name, description, required: false, sensitive: false, pattern: null }
}

function aPattern(name: string, description: string | null, sensitive = false): Scope {
  const placeholders = [...name.matchAll(/\{([^{}]*)\}/g)].map(([, placeholder = '']) => placeholder)
  const pattern = { placeholders, example: name.replace(/\{[^{}]*\}/g, '12345') }
  return { ...aScope(name, description), sensitive, pattern }
}
