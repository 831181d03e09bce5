import { systemRandom } from '../../../adapters/random.ts'
import type { CreatedTenant } from '../../../admin-api/tenants/create.ts'
import { passphrase } from '../../../start/passphrase.ts'
import { callAdmin } from '../../admin.ts'
import type { Context } from '../../context.ts'
import { UsageError } from '../../errors.ts'
import { collect, given } from '../../flags.ts'
import { readSecret } from '../../secrets-in.ts'
import { facts, printable } from '../../terminal/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { DefineVerb } from '../../verbs.ts'

interface Flags {
  readonly name?: string
  readonly url?: string
  readonly host?: string[]
  /** `--no-demo` */
  readonly demo: boolean
  readonly passwordStdin?: true
  readonly passwordFile?: string
}

export const defineCreate: DefineVerb = (parent, run) => {
  parent
    .command('create')
    .description(
      'Creates a tenant with a Demo workspace that is ready for a sign-in: keys, scopes, a public and a confidential client, and a user. Secret and password are shown once.',
    )
    .argument('<id>', 'letters, digits, - and _; part of the issuer: /{id}/demo')
    .option('--name <text>', 'shown to people (the id)')
    .option('--url <url>', 'an origin of its own, such as https://login.acme.example')
    .option('--host <name>', 'a further host name that answers for it; several times', collect)
    .option('--no-demo', 'an empty workspace "main" instead, without clients and users')
    .option('--password-stdin', 'read the password of the demo user from standard input')
    .option('--password-file <file>', 'read it from a file; without either one is made and shown')
    .action(run(create))
}

async function create(context: Context, id: string, flags: Flags): Promise<void> {
  const password = await demoPassword(context, flags)
  const created = await callAdmin(context, 'tenant.create', {
    id,
    hosts: flags.host ?? [],
    ...given({ name: flags.name, url: flags.url, demo: password && { password: password.text } }),
  })
  const shown = password?.generated ? password.text : undefined
  const result = shown === undefined ? created : { ...created, password: shown }
  context.result(result, () => tenantText(context.terminal, created, shown), shown ?? created.issuer)
}

async function demoPassword(
  context: Context,
  { demo, passwordStdin: stdin, passwordFile: file }: Flags,
): Promise<{ readonly text: string; readonly generated: boolean } | undefined> {
  const isGiven = stdin === true || file !== undefined
  if (!demo && isGiven) throw new UsageError('--no-demo makes no user, so there is no password to read')
  if (!demo) return undefined
  if (!isGiven) return { text: passphrase(systemRandom()), generated: true }
  return { text: await readSecret(context, { what: 'password', stdin, file }), generated: false }
}

function tenantText(terminal: Terminal, created: CreatedTenant, password: string | undefined): string {
  const { bold, dim } = terminal.colors
  const { tenant, issuer, workspace, clients, user } = created
  const once = dim('shown once: keep it now')
  const lines = [
    `${bold(tenant.tenant_id)}  ${printable(tenant.name)}\n`,
    facts(terminal, [
      ['issuer', issuer],
      ['discovery', `${issuer}/.well-known/openid-configuration`],
      ['workspace', workspace],
      ['user', user?.username],
      ['password', password === undefined ? undefined : `${bold(password)}  ${once}`],
    ]),
    ...clients.map(
      ({ client_id, client_name, redirect_uris, client_secret }) =>
        `\n${bold(client_id)}  ${client_name}\n${facts(terminal, [
          ['redirect', redirect_uris.join('\n')],
          ['secret', client_secret === undefined ? 'none: code + PKCE' : `${bold(client_secret)}  ${once}`],
        ])}`,
    ),
  ]
  const [first] = clients
  const next = first
    ? `pixy login --issuer ${issuer} --client-id ${first.client_id} --redirect-uri ${first.redirect_uris[0]}`
    : `pixy client create --workspace ${workspace} --type spa`
  return `${lines.join('')}\nNext: ${next}\n`
}
