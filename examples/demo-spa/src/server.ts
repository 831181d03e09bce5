import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { contentSecurityPolicy } from './content-security-policy.ts'

/** What the app learns from `GET /config.json`. */
export interface DemoSpaConfig {
  readonly issuer: string
  readonly client_id: string
  /** This app's `/callback`. */
  readonly redirect_uri: string
  /** Where Pixy leads after signing out. Default: the root of this app. */
  readonly post_logout_redirect_uri?: string
  /** The demo API's URL, which is also its resource identifier. */
  readonly api: string
  readonly scope: string
  /** Another client of this origin, for the experiment that redeems a code in a wrong name. Default: an unknown one. */
  readonly other_client_id?: string
  /** Seconds that a code lives, for the experiment that comes too late. Default 60. */
  readonly code_lifetime?: number
}

export interface DemoSpaOptions {
  readonly config: DemoSpaConfig
  /** Listens on localhost at once; without it, call `listen` yourself. */
  readonly port?: number
}

const PACKAGE = new URL('../', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Serves the demo app on an origin of its own: index.html at `/` and `/callback`, its scripts, and `@pixy/browser`. */
export function createDemoSpa({ config, port }: DemoSpaOptions): Server {
  const page = readFileSync(new URL('public/index.html', PACKAGE))
  const headers = {
    'Content-Security-Policy': contentSecurityPolicy(page.toString(), [config.issuer, config.api]),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer', // the callback's URL holds a code
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
  }
  const sdk = new URL(
    'dist/',
    pathToFileURL(createRequire(import.meta.url).resolve('@pixy/browser/package.json')),
  )

  async function answer(pathname: string, response: ServerResponse): Promise<void> {
    if (pathname === '/' || pathname === '/callback') return send(response, 200, '.html', page)
    if (pathname === '/config.json') return send(response, 200, '.map', Buffer.from(JSON.stringify(config)))
    const file = findFile(pathname, sdk)
    const content = file && (await readFile(file).catch(() => undefined))
    if (content) send(response, 200, extname(pathname), content)
    else send(response, 404, '.html', Buffer.from('<!doctype html><title>Not found</title>Not found'))
  }

  function send(response: ServerResponse, status: number, extension: string, content: Buffer): void {
    const type = TYPES[extension] ?? 'application/octet-stream'
    response.writeHead(status, { ...headers, 'Content-Type': type }).end(content)
  }

  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, Allow: 'GET, HEAD' }).end()
      return
    }
    const [pathname = '/'] = (request.url ?? '/').split('?')
    answer(pathname, response).catch(() => response.destroy())
  })
  return port === undefined ? server : server.listen(port, 'localhost')
}

/** Only plain names one folder deep exist, so no path can climb out. */
function findFile(pathname: string, sdk: URL): string | undefined {
  const [, folder, name] = /^\/(?:(app|pixy-browser)\/)?([a-z0-9-]+(?:\.[a-z]+)+)$/.exec(pathname) ?? []
  if (name === undefined) return undefined
  const root = folder === 'pixy-browser' ? sdk : new URL(folder === 'app' ? 'dist/app/' : 'public/', PACKAGE)
  return fileURLToPath(new URL(name, root))
}
