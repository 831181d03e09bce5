import { typeOf } from '../../../admin-api/clients/client-types.ts'
import type { ClientView } from '../../../admin-api/clients/client-view.ts'
import type { ShownClient } from '../../../admin-api/clients/show.ts'
import { grantTypes, isPublicClient, webOrigins } from '../../../protocol/client-metadata.ts'
import { facts } from '../../terminal/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { dateTime } from '../../terminal/time.ts'

/** `spa · code + PKCE · refresh` */
export function kindOf({ metadata }: ClientView): string {
  const grants = grantTypes(metadata)
  const words = [typeOf(metadata) as string]
  if (grants.includes('authorization_code'))
    words.push(metadata.require_pkce === false ? 'code' : 'code + PKCE')
  if (grants.includes('refresh_token')) words.push('refresh')
  if (grants.includes('client_credentials')) words.push('client_credentials')
  return words.join(' · ')
}

/** A client for people, with the secret that was just made, if any. */
export function clientText(
  terminal: Terminal,
  client: ClientView & Partial<Pick<ShownClient, 'deviations'>>,
  secret?: string,
): string {
  const { metadata } = client
  const { bold, dim, yellow } = terminal.colors
  const disabled = client.enabled ? '' : `  ${yellow('disabled')}`
  const origins = webOrigins(metadata)
  return [
    `${bold(client.client_id)}  ${client.client_name}  ${dim(kindOf(client))}${disabled}\n`,
    facts(terminal, [
      ['issuer', client.issuer],
      ['redirect', metadata.redirect_uris?.join('\n')],
      ['after sign-out', metadata.post_logout_redirect_uris?.join('\n')],
      ['origins', isPublicClient(metadata) ? origins.join('\n') : undefined],
      ['scope', metadata.scope ?? 'every one of the workspace'],
      ['authentication', metadata.token_endpoint_auth_method],
      ['secret', secret === undefined ? undefined : `${bold(secret)}  ${dim('shown once: keep it now')}`],
      ['secrets', secret === undefined ? client.secrets.map(secretText).join('\n') : undefined],
      ['dialects', metadata.dialects?.join(', ')],
      ['deviations', deviationsText(client.client_id, client.deviations ?? 0)],
      ['owner', client.owner === 'local' ? undefined : client.owner],
      ['workspace', client.workspace],
    ]),
  ].join('')
}

function deviationsText(clientId: string, count: number): string | undefined {
  return count === 0 ? undefined : `${count}: pixy client deviations ${clientId}`
}

function secretText({ secret_id, created_at, expires_at }: ClientView['secrets'][number]): string {
  const end = expires_at === 0 ? '' : `, until ${dateTime(expires_at)}`
  return `${secret_id}  made ${dateTime(created_at)}${end}`
}
