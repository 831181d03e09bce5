import { renderToString } from 'preact-render-to-string'
import type { PageContext, PageName, Pages } from '../core/interaction/pages.ts'
import { matchLocale } from '../protocol/locale.ts'
import { createAssets } from './assets.ts'
import { consentPage } from './consent.tsx'
import { devicePage } from './device.tsx'
import { deviceConfirmPage } from './device-confirm.tsx'
import { deviceDonePage } from './device-done.tsx'
import { errorPage } from './error.tsx'
import { formPostPage } from './form-post.tsx'
import { linkAccountPage } from './link-account.tsx'
import type { Page, View } from './page.ts'
import { scopesPage } from './scopes.tsx'
import { selectAccountPage } from './select-account.tsx'
import { signInPage } from './sign-in.tsx'
import { signOutPage } from './sign-out.tsx'
import { signUpPage } from './sign-up.tsx'
import { signedOutPage } from './signed-out.tsx'
import { createTranslate, english, type LocaleDefinition, locales as shipped } from './translate.ts'
import { withLocale } from './urls.ts'

export const allPages: { readonly [N in PageName]: Page<N> } = {
  'sign-in': signInPage,
  'sign-up': signUpPage,
  'link-account': linkAccountPage,
  consent: consentPage,
  'select-account': selectAccountPage,
  device: devicePage,
  'device-confirm': deviceConfirmPage,
  'device-done': deviceDonePage,
  'sign-out': signOutPage,
  'signed-out': signedOutPage,
  scopes: scopesPage,
  error: errorPage,
  'form-post': formPostPage,
}

export interface PagesOptions {
  /** Default: the languages that are shipped. English is the last resort whether or not it is here. */
  readonly locales?: readonly LocaleDefinition[]
}

/** The hosted pages as HTML. */
export function createPages({ locales = shipped }: PagesOptions = {}): Pages {
  const assets = createAssets()
  const tags = locales.map(({ locale }) => locale)
  const fallback = createTranslate(english)
  const translations = new Map(locales.map((definition) => [definition.locale, createTranslate(definition)]))

  const viewOf = (context: PageContext): View => ({
    ...context,
    brand: context.branding.name || context.workspaceName,
    languages: locales.map(({ locale, name }) => ({
      locale,
      name,
      href: withLocale(context.selfUrl, locale),
    })),
    links: assets.links(context.branding.accent),
  })

  return {
    locales: tags,
    asset: assets.find,
    render(name, props, context) {
      const page: Page<typeof name> = allPages[name]
      const t = translations.get(matchLocale(context.locales, tags) ?? english.locale) ?? fallback
      const html = `<!doctype html>${renderToString(page.render(props, t, viewOf(context)))}`
      return { html, scriptHashes: page.scriptHashes ?? [] }
    },
  }
}
