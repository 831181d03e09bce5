import type { ClientView } from '../../../admin-api/clients/client-view.ts'

/** Prefixes of what a framework hands to the browser. */
export const frameworks = {
  vite: { file: '.env.local', prefix: 'VITE_AUTH_' },
  next: { file: '.env.local', prefix: 'NEXT_PUBLIC_AUTH_' },
  node: { file: '.env', prefix: 'AUTH_' },
} as const

export type Framework = keyof typeof frameworks

/** What an application has to know, as lines of its environment file. A secret never gets a browser's prefix. */
export function envLines(framework: Framework, client: ClientView, secret: string | undefined): string {
  const { file, prefix } = frameworks[framework]
  const redirect = client.metadata.redirect_uris?.[0]
  const lines = [
    `# ${file}`,
    `${prefix}ISSUER=${client.issuer}`,
    `${prefix}CLIENT_ID=${client.client_id}`,
    ...(redirect === undefined ? [] : [`${prefix}REDIRECT_URI=${redirect}`]),
    ...(secret === undefined ? [] : [`AUTH_CLIENT_SECRET=${secret}`]),
  ]
  return `${lines.join('\n')}\n`
}
