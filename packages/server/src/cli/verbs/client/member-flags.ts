import type { Command } from 'commander'
import { collect, given, type Json, members } from '../../flags.ts'

/** Flags for the members of a client that are changed most; `--set` reaches the others. */
export interface MemberFlags {
  readonly name?: string
  readonly redirectUri?: string[]
  readonly postLogoutRedirectUri?: string[]
  readonly scope?: string
  readonly grantType?: string[]
  readonly tokenEndpointAuthMethod?: string
  readonly consent?: string
  readonly dialect?: string[]
  readonly set?: string[]
}

export function addMemberFlags(command: Command): Command {
  return command
    .option('--name <text>', 'client_name: shown on the sign-in page')
    .option('--redirect-uri <uri>', 'where codes are sent; several times for several', collect)
    .option(
      '--post-logout-redirect-uri <uri>',
      'where the browser may go after sign-out; several times',
      collect,
    )
    .option(
      '--scope <names>',
      'scopes the client may ask for, in quotes; default: every one of the workspace',
    )
    .option('--grant-type <name>', 'a grant type; several times for several', collect)
    .option(
      '--token-endpoint-auth-method <name>',
      'none, client_secret_basic, client_secret_post or private_key_jwt',
    )
    .option('--consent <ask|implied>', 'implied: people are not asked (first party)')
    .option(
      '--dialect <name>',
      'a way of an older system that the client needs: atm, toki, tapkey or cloudentity; several times',
      collect,
    )
    .option('--set <name=value>', 'any other member of the metadata, the value as JSON or text', collect)
}

/** The metadata that the flags say. */
export function membersOf(flags: MemberFlags): Record<string, Json> {
  const named = given({
    client_name: flags.name,
    redirect_uris: flags.redirectUri,
    post_logout_redirect_uris: flags.postLogoutRedirectUri,
    scope: flags.scope,
    grant_types: flags.grantType,
    token_endpoint_auth_method: flags.tokenEndpointAuthMethod,
    consent: flags.consent,
    dialects: flags.dialect,
  })
  return { ...(named as Record<string, Json>), ...members(flags.set, '--set') }
}
