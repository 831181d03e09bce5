import type { Deps } from '../core/ports.ts'
import type { OAuthReply } from '../protocol/types.ts'
import { markdownPage } from './docs.ts'

/** Clients shown on the landing page at the most. */
const SHOWN = 20

/**
 * `/` in development, on the machine itself: what runs here and where to go, for whoever opens the address that the
 * terminal printed. For everybody else there is nothing at `/`.
 */
export async function landingReply({ workspaces, store }: Deps): Promise<OAuthReply> {
  const parts = ['# Pixy is running', 'This is an authorization server in development mode.']
  for (const { id, issuer, record } of workspaces.list().slice(0, SHOWN)) {
    parts.push(`## ${plain(record.name)}`)
    parts.push(
      `Issuer: \`${issuer}\` · [discovery document](${issuer}/.well-known/openid-configuration) · [keys](${issuer}/.well-known/jwks.json)`,
    )
    const clients = await store.clients.list(id, { limit: SHOWN })
    for (const { metadata, clientId } of clients) {
      const url = URL.parse(metadata.client_uri ?? '')
      if (url && /^https?:$/.test(url.protocol)) {
        parts.push(`- [Open ${plain(metadata.client_name ?? clientId)}](<${url.href}>)`)
      }
    }
  }
  parts.push(
    '## Next',
    '- [Documentation](/docs)',
    '- [Your first login, step by step](/docs/guides/first-login)',
    '- Bring an application of [ATM](/docs/guides/atm), [TOKI](/docs/guides/toki), [Tapkey](/docs/guides/tapkey) or [Cloudentity](/docs/guides/cloudentity)',
  )
  const page = markdownPage(parts.join('\n\n'), '/')
  return { ...page, headers: { ...page.headers, 'cache-control': 'no-store' } }
}

/** Names are text, not Markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|&]/g, (character) => `&#${character.charCodeAt(0)};`)
}
