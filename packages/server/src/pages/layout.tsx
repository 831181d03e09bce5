import type { ComponentChildren, VNode } from 'preact'
import type { PageName } from '../core/interaction/pages.ts'
import { KeyholeIcon } from './icons.tsx'
import type { View } from './page.ts'
import { Name, OutsideLink } from './parts.tsx'
import type { Translate } from './translate.ts'
import { imageUrl, supportUrl, webUrl } from './urls.ts'

export interface LayoutProps {
  readonly page: PageName
  readonly title: string
  /** The title then starts with "Error". */
  readonly error?: boolean
  readonly wide?: boolean
  /** Only passing through: no script, no footer. */
  readonly bare?: boolean
  /** The flow's reference, where the page itself does not show one. */
  readonly reference?: string | null
  readonly t: Translate
  readonly view: View
  readonly children: ComponentChildren
}

/** The document around a page: one card under the brand, and what is small below it. */
export function Layout(props: LayoutProps): VNode {
  const { t, view } = props
  const { links } = view
  const title = t(props.error ? 'page.title_error' : 'page.title', { title: props.title, brand: view.brand })
  return (
    <html lang={t.locale} dir={t.direction}>
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" type="image/svg+xml" href={links.icon} />
        <link rel="stylesheet" href={links.stylesheet} />
        {links.accent !== null && <link rel="stylesheet" href={links.accent} />}
        {!props.bare && <script src={links.script} defer />}
      </head>
      <body data-page={props.page}>
        <header class="brand">
          <Brand view={view} />
        </header>
        <main class={props.wide ? 'card wide' : 'card'}>{props.children}</main>
        {!props.bare && <Footer t={t} view={view} reference={props.reference ?? null} />}
      </body>
    </html>
  )
}

function Brand({ view }: { readonly view: View }): VNode {
  const logo = imageUrl(view.branding.logo_uri, view.issuer)
  if (logo !== null) return <img class="brand-logo" alt={view.brand} src={logo} />
  return (
    <>
      <KeyholeIcon />
      <Name>{view.brand}</Name>
    </>
  )
}

function Footer(props: {
  readonly t: Translate
  readonly view: View
  readonly reference: string | null
}): VNode {
  const { t, view, reference } = props
  return (
    <footer>
      <nav aria-label={t('page.languages')}>
        <ul class="links">
          {view.languages.map((language) => (
            <li>
              {language.locale === t.locale ? (
                <span lang={language.locale} aria-current="true">
                  {language.name}
                </span>
              ) : (
                <a lang={language.locale} hreflang={language.locale} href={language.href}>
                  {language.name}
                </a>
              )}
            </li>
          ))}
        </ul>
      </nav>
      <FooterLinks t={t} view={view} />
      {reference !== null && (
        <p class="reference">
          {t('page.reference')} <code dir="ltr">{reference}</code>
        </p>
      )}
    </footer>
  )
}

function FooterLinks({ t, view }: { readonly t: Translate; readonly view: View }): VNode | null {
  const links = [
    { text: t('page.privacy'), href: webUrl(view.branding.policy_uri) },
    { text: t('page.terms'), href: webUrl(view.branding.tos_uri) },
    { text: t('page.help'), href: supportUrl(view.branding.support_uri) },
  ].flatMap(({ text, href }) => (href === null ? [] : [{ text, href }]))
  if (links.length === 0) return null
  return (
    <ul class="links">
      {links.map(({ text, href }) => (
        <li>
          <OutsideLink href={href} t={t}>
            {text}
          </OutsideLink>
        </li>
      ))}
    </ul>
  )
}
