import { readConfigFile } from '../../config/read-file.ts'
import { list, text } from '../../config/schema/raw.ts'
import { isLoopbackHost, splitAuthority, splitUri } from '../../protocol/uri.ts'
import { type Check, type Finding, findings } from './finding.ts'

/** Whether the file and the environment can be used at all is found out before; this looks at what they say. */
export const checkConfiguration: Check = async ({ place, config }) => {
  const { ok, warning } = findings('config')
  if (!config) return []
  const found: Finding[] = [
    ok(place.file === undefined ? 'no configuration file: the demo' : `${place.file} is valid`),
  ]
  if (place.file !== undefined) {
    const { named, literal } = countPasswords(await readConfigFile(place.file))
    if (literal > 0) {
      found.push(
        warning(
          `${literal} passwords of users stand in the configuration file`,
          'Write them as env:NAME or file:PATH. They are only initial ones: people should choose their own.',
        ),
      )
    } else if (named > 0) {
      const fix = 'Let people choose their own, and take these out of the file.'
      found.push(warning(`${named} users have an initial password by the configuration file`, fix))
    }
  }
  const { protocol, hostname } = new URL(config.url)
  if (protocol === 'http:' && !isLoopbackHost(hostname)) {
    const fix = 'Serve https, and set url (or PIXY_URL) to the https address.'
    found.push(warning(`url is ${config.url}: http is for this machine only`, fix))
  }
  return found
}

function countPasswords(file: unknown): { readonly named: number; readonly literal: number } {
  const users = list(file, 'tenants')
    .flatMap((tenant) => list(tenant, 'workspaces'))
    .flatMap((workspace) => [
      ...list(workspace, 'users'),
      // Sandbox users are for tests: what they hold is no secret.
    ])
  const passwords = users.flatMap((user) => text(user, 'password') ?? [])
  const references = passwords.filter((password) => /^(?:env|file):/.test(password))
  return { named: references.length, literal: passwords.length - references.length }
}

/** Names of this machine that a browser holds apart. */
export function loopbackName(uri: string): string | undefined {
  const { host } = splitAuthority(splitUri(uri)?.authority ?? '')
  return isLoopbackHost(host) ? host.toLowerCase() : undefined
}
