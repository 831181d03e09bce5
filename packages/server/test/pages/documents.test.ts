import { describe, expect, it } from 'vitest'
import type { PageName } from '../../src/core/interaction/pages.ts'
import { createPages } from '../../src/pages/pages.ts'
import { expectGolden } from '../support/golden.ts'
import { aContext, fullBranding, pageNames, pagesUnderTest, samples, samplesOf } from './support.ts'

const pages = pagesUnderTest()
const shipped = createPages()

/** One tag a line, and names of assets without what changes with their content. */
const readable = (html: string): string =>
  html.replace(/></g, '>\n<').replace(/\/_pixy\/([a-z0-9-]+)\.[0-9a-f]{12}\./g, '/_pixy/$1.<hash>.')

const renderFirst = (page: PageName, change = {}): string => {
  const [sample] = samplesOf(page)
  if (!sample) throw new Error(`${page} has no sample`)
  return sample.render(pages, aContext(change)).html
}

describe('the documents', () => {
  for (const page of pageNames()) {
    for (const locale of shipped.locales) {
      it(`${page} in ${locale} are as reviewed`, () => {
        const documents = samplesOf(page).map(
          (sample) =>
            `<!-- ${sample.name} -->\n${sample.render(shipped, aContext({ locales: [locale] })).html}`,
        )
        expectGolden(`pages/${page}.${locale}.html`, readable(documents.join('\n\n')))
      })
    }
  }

  it('with all branding is as reviewed', () => {
    expectGolden('pages/branded.en.html', readable(renderFirst('sign-in', { branding: fullBranding })))
  })
})

describe.each([...pages.locales])('every sample in %s', (locale) => {
  it.each(samples.map((sample) => [`${sample.page}/${sample.name}`, sample] as const))('%s', (_, sample) => {
    const { html, scriptHashes } = sample.render(pages, aContext({ locales: [locale] }))
    expect(html).toMatch(
      /^<!doctype html><html lang="[\w-]+" dir="(ltr|rtl)"><head><meta charset="utf-8"\/><title>/,
    )
    expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`)
    expect(html).toContain(`<body data-page="${sample.page}">`)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html.match(/<form /g)?.length ?? 0).toBeLessThanOrEqual(1)
    expect(html).not.toMatch(/undefined|\[object |NaN|<style| style=| on[a-z]+="/)

    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1])
    expect(ids).toEqual([...new Set(ids)])

    const inline = [...html.matchAll(/<script(?![^>]* src=)[^>]*>/g)]
    expect(inline).toHaveLength(sample.page === 'form-post' ? 1 : 0)
    expect(scriptHashes).toHaveLength(inline.length)
  })
})

describe('what others hold on to (stable ids)', () => {
  const expected: Readonly<Record<PageName, readonly string[]>> = {
    'sign-in': ['login-form', 'username', 'password', 'remember', 'login-submit', 'login-cancel'],
    'sign-up': ['signup-form', 'username', 'name', 'password', 'password_confirm', 'signup-submit'],
    'link-account': ['link-form', 'password', 'link-submit', 'link-separate', 'link-cancel'],
    consent: ['consent-form', 'consent-allow', 'consent-deny', 'client-policy', 'client-tos'],
    'select-account': ['select-account-form'],
    device: ['device-form', 'user_code', 'device-continue'],
    'device-confirm': ['device-confirm-form', 'device-allow', 'device-deny', 'client-name', 'client-logo'],
    'device-done': ['device-connected', 'client-name'],
    'sign-out': ['logout-form', 'logout-confirm', 'logout-cancel'],
    'signed-out': ['signed-out'],
    scopes: ['scopes'],
    error: ['error-page', 'error-code', 'error-description', 'error-reference', 'client-name'],
    'form-post': ['form-post', 'client-name'],
  }
  it.each(Object.entries(expected))('%s', (page, ids) => {
    const html = renderFirst(page as PageName)
    for (const id of ids) expect(html).toContain(` id="${id}"`)
  })

  it.each(['sign-in', 'sign-up', 'consent', 'select-account', 'device-confirm'] as const)(
    '%s shows the client',
    (page) => {
      for (const sample of samplesOf(page)) {
        const { html } = sample.render(pages, aContext())
        expect(html).toContain('<bdi id="client-name">')
        expect(html).toMatch(/ id="client-logo"/)
      }
    },
  )

  const forms = [
    'sign-in',
    'sign-up',
    'consent',
    'select-account',
    'device',
    'device-confirm',
    'sign-out',
  ] as const
  it.each(forms)('%s posts to its action with its csrf value', (page) => {
    for (const sample of samplesOf(page).filter(({ name }) => name !== 'hostile')) {
      const { html } = sample.render(pages, aContext())
      expect(html).toMatch(new RegExp(`<form id="[a-z-]+" method="post" action="/${page}[^"]*">`))
      expect(html).toContain('<input type="hidden" name="csrf" value="csrf-value"/>')
    }
  })

  it.each(['sign-in', 'sign-up', 'device'] as const)('an input of %s has its id for a name', (page) => {
    const html = renderFirst(page)
    const inputs = [...html.matchAll(/<input[^>]* id="([^"]+)" name="([^"]+)"/g)]
    expect(inputs.length).toBeGreaterThan(page === 'device' ? 0 : 2)
    for (const [, id, name] of inputs) expect(name).toBe(id)
  })
})

describe('sign-in', () => {
  it.each([
    ['en', 'Sign in'],
    ['de', 'Anmelden'],
    ['ar', 'تسجيل الدخول'],
  ])('shows the marker of %s', (locale, marker) => {
    expect(renderFirst('sign-in', { locales: [locale] })).toContain(`<h1>${marker}</h1>`)
  })

  it('helps password managers and never hinders typing or pasting', () => {
    const html = renderFirst('sign-in')
    expect(html).toMatch(
      /<input type="text" id="username" name="username" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" inputmode="email" dir="ltr" required/,
    )
    expect(html).toMatch(
      /<input type="password" id="password" name="password" autocomplete="current-password"/,
    )
    expect(html).not.toMatch(/maxlength|onpaste/)
  })

  it('lets go without a filled form', () => {
    expect(renderFirst('sign-in')).toContain(
      '<button type="submit" id="login-cancel" class="quiet" name="action" value="cancel" formnovalidate>',
    )
  })

  it('announces an error first: in the title, in the summary, at the field', () => {
    const [sample] = samplesOf('sign-in').filter(({ name }) => name === 'missing_password')
    const html = sample?.render(pages, aContext()).html
    expect(html).toContain('<title>Error: Sign in · Acme</title>')
    expect(html).toContain('role="alert" tabindex="-1" autofocus')
    expect(html).toContain('aria-invalid="true" aria-describedby="password-error"')
    expect(html).toContain('<p id="password-error" class="field-error">Enter your password.</p>')
  })

  it('says one thing for an unknown user and a wrong password, at both fields', () => {
    const [sample] = samplesOf('sign-in').filter(({ name }) => name === 'wrong')
    const html = sample?.render(pages, aContext()).html ?? ''
    expect(html.match(/aria-invalid="true" aria-describedby="form-error"/g)).toHaveLength(2)
  })

  it('says when to try again', () => {
    const text = (name: string, locale: string): string =>
      samplesOf('sign-in')
        .find((sample) => sample.name === name)
        ?.render(pages, aContext({ locales: [locale] })).html ?? ''
    expect(text('throttled', 'en')).toContain('Too many attempts. Please try again in 2 minutes.')
    expect(text('throttled_long', 'de')).toContain('in 3 Stunden')
    expect(text('throttled', 'ar')).toContain('بعد دقيقتين')
    expect(text('throttled_long', 'ar')).toContain('3 ساعات')
  })
})

describe('consent', () => {
  const html = renderFirst('consent')

  it('has one checkbox a scope, ticked but for sensitive ones; openid ticked and fixed', () => {
    expect(html).toMatch(/name="scope" value="openid" checked disabled/)
    expect(html).toMatch(/name="scope" value="profile" checked aria/)
    expect(html).toMatch(/name="scope" value="notes:delete" aria/)
    expect(html).toMatch(/name="scope" value="offline_access" checked aria/)
  })

  it('allows and denies by buttons of the form', () => {
    expect(html).toMatch(
      /<button type="submit" id="consent-allow" class="primary" name="action" value="allow">/,
    )
    expect(html).toMatch(
      /<button type="submit" id="consent-deny" class="secondary" name="action" value="deny">/,
    )
  })

  it('fixes openid even where the caller forgot to', () => {
    const rendered = pages.render(
      'consent',
      {
        action: '/consent',
        csrf: 'x',
        client: {
          clientId: 'c',
          name: 'C',
          logoUri: null,
          clientUri: null,
          policyUri: null,
          tosUri: null,
          unverified: false,
        },
        account: 'ada',
        scopes: [
          {
            name: 'openid',
            description: null,
            required: false,
            sensitive: false,
            checked: false,
            isNew: false,
          },
        ],
        resources: [],
        returnsTo: 'c.example',
        switchAccountUrl: '/select-account',
        changed: false,
      },
      aContext(),
    )
    expect(rendered.html).toContain('value="openid" checked disabled')
  })
})

describe('error', () => {
  const render = (name: string, development: boolean): string =>
    samplesOf('error')
      .find((sample) => sample.name === name)
      ?.render(pages, aContext({ development })).html ?? ''

  it('tells people that it is not their fault', () => {
    const html = render('production', false)
    expect(html).toContain('<h1>This app is not set up correctly</h1>')
    expect(html).toContain('You did nothing wrong and nothing was shared.')
    expect(html).toContain('<code id="error-code" dir="ltr">invalid_request</code>')
    expect(html).toContain('<code id="error-reference" class="whole" dir="ltr">flow_8JQ2M0</code>')
  })

  it('marks what differs, for developers', () => {
    const html = render('development', true)
    expect(html).toContain('http://<mark>127.0.0.1</mark>:5173/callback')
    expect(html).toContain('http://<mark>localhost</mark>:5173/callback')
  })

  it('shows received, expected and fix in development only', () => {
    expect(render('development', false)).not.toMatch(/localhost:5173|class="developer"|pixy client/)
  })
})

describe('form-post', () => {
  it('carries every parameter exactly', () => {
    const rendered = pages.render(
      'form-post',
      {
        action: 'https://app.example/cb?a=1&b=2',
        parameters: [
          ['state', '<&"\'> \u00e9\u{1F600} &amp;'],
          ['code', 'abc'],
        ],
        client: {
          clientId: 'c',
          name: 'C',
          logoUri: null,
          clientUri: null,
          policyUri: null,
          tosUri: null,
          unverified: false,
        },
      },
      aContext(),
    )
    expect(rendered.html).toContain('method="post" action="https://app.example/cb?a=1&amp;b=2"')
    expect(rendered.html).toContain(
      `<input type="hidden" name="state" value="&lt;&amp;&quot;'> \u00e9\u{1F600} &amp;amp;"/>`,
    )
  })
})

describe('around the page', () => {
  it('offers the other languages at the page it is on', () => {
    const html = renderFirst('sign-in', { locales: ['de'], selfUrl: '/x/sign-in?flow=flow_1&ui_locales=de' })
    expect(html).toContain(
      '<a lang="en" hreflang="en" href="/x/sign-in?flow=flow_1&amp;ui_locales=en">English</a>',
    )
    expect(html).toContain('<span lang="de" aria-current="true">Deutsch</span>')
  })

  it('takes the best of the wanted languages, English at last', () => {
    expect(renderFirst('sign-in', { locales: ['fr-CH', 'de-AT', 'en'] })).toContain('<html lang="de"')
    expect(renderFirst('sign-in', { locales: ['AR-EG'] })).toContain('<html lang="ar" dir="rtl">')
    expect(renderFirst('sign-in', { locales: ['xx'] })).toContain('<html lang="en"')
    expect(renderFirst('sign-in', { locales: [] })).toContain('<html lang="en"')
  })

  it('shows brand, links and reference', () => {
    const html = renderFirst('sign-in', { branding: fullBranding })
    expect(html).toContain('alt="Acme Accounts"')
    expect(html).toContain('href="https://acme.example/privacy"')
    expect(html).toContain('href="mailto:help@acme.example"')
    expect(html).toContain('<code dir="ltr">flow_8JQ2M0</code>')
  })
})
