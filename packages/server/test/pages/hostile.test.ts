import { describe, expect, it } from 'vitest'
import type { ErrorProps, PageContext } from '../../src/core/interaction/pages.ts'
import { allPages } from '../../src/pages/pages.ts'
import { aContext, pagesUnderTest } from './support.ts'

const pages = pagesUnderTest()

/** Values that decide which page this is, and are never shown. */
const CLOSED = new Set(['kind', 'blame'])

/** The same value with every text in it replaced. */
function poisoned(value: unknown, poison: string): unknown {
  if (typeof value === 'string') return poison
  if (Array.isArray(value)) return value.map((item) => poisoned(item, poison))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      CLOSED.has(name) ? member : poisoned(member, poison),
    ]),
  )
}

const cases = Object.values(allPages).flatMap((page) =>
  Object.entries(page.samples).map(([name, props]) => [`${page.name}/${name}`, page.name, props] as const),
)

function renderPoisoned(name: string, props: unknown, poison: string, change: Partial<PageContext>): string {
  const page = Object.values(allPages).find((candidate) => candidate.name === name)
  if (!page) throw new Error(name)
  return pages.render(page.name, poisoned(props, poison) as ErrorProps, aContext(change)).html
}

const everywhere = (poison: string): Partial<PageContext> => ({
  workspaceName: poison,
  flowId: poison,
  selfUrl: poison,
  branding: {
    name: poison,
    logo_uri: poison,
    accent: poison,
    policy_uri: poison,
    tos_uri: poison,
    support_uri: poison,
  },
})

describe('markup in every text of every sample stays text', () => {
  it.each([
    '"><i data-pwned>',
    "'><i data-pwned>",
    '</title></script><i data-pwned>',
    '{i} <i data-pwned> {',
  ])('%s', (poison) => {
    for (const [, name, props] of cases) {
      const html = renderPoisoned(name, props, poison, everywhere(poison))
      expect(html).toContain('data-pwned')
      expect(html).not.toContain('<i data-pwned')
      for (const tag of html.matchAll(/<[a-z][^<]*/g))
        expect(tag[0]).not.toMatch(/^<[^>]*="[^"]*" data-pwned/)
    }
  })
})

describe('addresses that run script are not linked', () => {
  // What the server itself makes (action, signUpUrl, …) is not under a client's control.
  const own = /^(action|signUpUrl|signInUrl|switchAccountUrl)$/
  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    '//evil.example/x',
    '/\\evil.example/x',
    'blob:https://x/1',
  ])('%s', (address) => {
    for (const [, name, props] of cases) {
      const kept = Object.fromEntries(Object.entries(props).filter(([member]) => own.test(member)))
      const page = Object.values(allPages).find((candidate) => candidate.name === name)
      if (!page) throw new Error(name)
      const { selfUrl: _, ...context } = everywhere(address)
      const poisonedProps = { ...(poisoned(props, address) as object), ...kept } as unknown as ErrorProps
      const { html } = pages.render(page.name, poisonedProps, aContext(context))
      for (const [, target = ''] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
        expect(target, name).toMatch(/^(\/(?!\/|\\)|https?:\/\/app\.acme)/)
      }
    }
  })
})
