import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type {
  PageContext,
  PageName,
  PageProps,
  Pages,
  RenderedPage,
} from '../../src/core/interaction/pages.ts'
import { allPages, createPages } from '../../src/pages/pages.ts'
import { locales, pseudoLocale } from '../../src/pages/translate.ts'

export const aContext = (change: Partial<PageContext> = {}): PageContext => ({
  locales: ['en'],
  issuer: 'https://auth.acme.example',
  workspaceName: 'Acme',
  branding: {},
  development: true,
  flowId: 'flow_8JQ2M0',
  selfUrl: '/sign-in?flow=flow_8JQ2M0',
  ...change,
})

export const fullBranding: PageContext['branding'] = {
  name: 'Acme Accounts',
  logo_uri:
    'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" width="120" height="32"%3E%3Ccircle cx="16" cy="16" r="16" fill="%23e8590c"/%3E%3Crect x="44" y="8" width="76" height="16" rx="8" fill="%23868e96"/%3E%3C/svg%3E',
  accent: '#e8590c',
  policy_uri: 'https://acme.example/privacy',
  tos_uri: 'https://acme.example/terms',
  support_uri: 'mailto:help@acme.example',
}

/** Pages with the pseudo-locale beside the shipped languages. */
export const pagesUnderTest = (): Pages => createPages({ locales: [...locales, pseudoLocale] })

export interface Sample {
  readonly page: PageName
  readonly name: string
  render(
    pages: Pages,
    context: PageContext,
  ): { readonly html: string; readonly scriptHashes: readonly string[] }
}

export const samples: readonly Sample[] = pageNames().flatMap((page) => samplesOf(page))

export function pageNames(): readonly PageName[] {
  return Object.values(allPages).map(({ name }) => name)
}

export function samplesOf<N extends PageName>(page: N): readonly Sample[] {
  const known: Readonly<Record<string, PageProps[N]>> = allPages[page].samples
  return Object.entries(known).map(([name, props]) => ({
    page,
    name,
    render: (pages, context) => pages.render(page, props, context),
  }))
}

/** As the server sends pages (`security.md` §4.6), less the redirect's origin in `form-action`. */
export const contentSecurityPolicy = (hashes: readonly string[]): string =>
  [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes].join(' ')}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

export interface PageServer {
  /** Of a sample: `?locale=`, `?branding=full`, `?accent=rrggbb`, `?inline=refused` (no script may run in the page). */
  url(sample: Sample, query?: Readonly<Record<string, string>>): string
  /** Of a page of the test's own; `action` of its forms may be `/echo`. */
  show(page: RenderedPage): string
  close(): Promise<void>
}

/** Serves every sample on a port of its own, with the policy that pages have in production. `/echo` answers what was posted. */
export async function servePages(): Promise<PageServer> {
  const pages = pagesUnderTest()
  const shown: RenderedPage[] = []
  const find = (url: URL): RenderedPage | undefined => {
    const [, page = '', name = ''] = url.pathname.split('/')
    if (page === 'shown') return shown[Number(name)]
    const sample = samples.find((candidate) => candidate.page === page && candidate.name === name)
    return sample?.render(pages, contextOf(url))
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST') {
      const form = new URLSearchParams(await text(request))
      return response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
        .end(JSON.stringify([...form]))
    }
    const asset = pages.asset(url.pathname)
    if (asset)
      return response
        .writeHead(200, { 'content-type': asset.type, 'cache-control': 'max-age=600' })
        .end(asset.body)
    const page = find(url)
    if (!page) return response.writeHead(404).end()
    return response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy(
          url.searchParams.get('inline') === 'refused' ? [] : page.scriptHashes,
        ),
        'x-content-type-options': 'nosniff',
      })
      .end(page.html)
  })
  const origin = `http://localhost:${await listen(server)}`
  return {
    url: (sample, query = {}) => `${origin}/${sample.page}/${sample.name}?${new URLSearchParams(query)}`,
    show: (page) => `${origin}/shown/${shown.push(page) - 1}`,
    close: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  }
}

function contextOf(url: URL): PageContext {
  const accent = url.searchParams.get('accent')
  return aContext({
    locales: [url.searchParams.get('locale') ?? 'en'],
    branding: {
      ...(url.searchParams.get('branding') === 'full' ? fullBranding : {}),
      ...(accent === null ? {} : { accent: `#${accent}` }),
    },
    selfUrl: `${url.pathname}${url.search}`,
  })
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  return address.port
}
