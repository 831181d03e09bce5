import { createHash } from 'node:crypto'

/**
 * The strictest policy the app can live with: its own scripts and styles, and talk to its two servers. The import map
 * is the one inline script, allowed by its hash.
 */
export function contentSecurityPolicy(page: string, servers: readonly string[]): string {
  const [, importMap = ''] = /<script type="importmap">([^<]*)<\/script>/.exec(page) ?? []
  const hash = createHash('sha256').update(importMap).digest('base64')
  const origins = [...new Set(servers.map((url) => new URL(url).origin))]
  const [issuer = ''] = origins
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    `connect-src 'self' ${origins.join(' ')}`,
    "img-src 'self' data:",
    `form-action 'self' ${issuer}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}
