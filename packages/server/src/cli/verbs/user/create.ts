import { AdminError } from '../../../admin-api/admin-error.ts'
import { type Admin, withAdmin } from '../../admin.ts'
import type { Context } from '../../context.ts'
import { collect, given, members } from '../../flags.ts'
import type { DefineVerb } from '../../verbs.ts'
import {
  addPasswordFlags,
  addUserFlags,
  type PasswordFlags,
  readNewPassword,
  type UserFlags,
  userReference,
} from './flags.ts'
import { userText } from './view.ts'

interface Flags extends UserFlags, PasswordFlags {
  /** `--no-password` */
  readonly password: boolean
  readonly email?: string
  readonly emailVerified?: true
  readonly name?: string
  readonly givenName?: string
  readonly familyName?: string
  readonly claim?: string[]
  readonly client?: string[]
  readonly ifMissing?: true
}

export const defineCreate: DefineVerb = (parent, run) => {
  const command = parent
    .command('create')
    .description('Creates a user. The password is asked for, or comes from standard input or a file.')
    .argument('<username>', 'what the person signs in with, such as an e-mail address')
    .option('--email <address>', 'e-mail address (the username, where it is one)')
    .option('--email-verified', 'the address is known to be theirs')
    .option('--name <text>', 'full name')
    .option('--given-name <text>', 'first name')
    .option('--family-name <text>', 'last name')
    .option('--claim <name=value>', 'any other claim, the value as JSON or text; several times', collect)
    .option(
      '--client <client_id>',
      'assign the user to a client (user_access "assigned"); several times',
      collect,
    )
  addPasswordFlags(command).option('--no-password', 'without one: they cannot sign in until one is set')
  addUserFlags(command)
    .option('--if-missing', 'succeed without a change where the name is taken')
    .action(
      run((context, username: string, flags: Flags) =>
        withAdmin(context, (admin) => create(context, admin, username, flags)),
      ),
    )
}

async function create(context: Context, admin: Admin, username: string, flags: Flags): Promise<void> {
  // Nobody is asked for the password of an account that is there.
  if (flags.ifMissing && (await isThere(admin, username, flags))) flags = { ...flags, password: false }
  const made = flags.password ? await readNewPassword(context, flags) : undefined
  const created = await admin.call('user.create', {
    username,
    claims: {
      ...given({
        email: flags.email,
        email_verified: flags.emailVerified,
        name: flags.name,
        given_name: flags.givenName,
        family_name: flags.familyName,
      }),
      ...members(flags.claim, '--claim'),
    },
    clients: flags.client ?? [],
    if_missing: flags.ifMissing ?? false,
    ...given({ workspace: flags.workspace, source: flags.source, password: made?.password }),
  })
  if (!created.created) context.note('The user was there already: nothing was changed.')
  const shown = made?.generated && created.created ? made.password : undefined
  const result = shown === undefined ? created : { ...created, password: shown }
  context.result(result, () => userText(context.terminal, created.user, shown), shown ?? created.user.user_id)
}

async function isThere(admin: Admin, username: string, flags: Flags): Promise<boolean> {
  try {
    await admin.call('user.show', userReference(username, flags))
    return true
  } catch (error) {
    if (error instanceof AdminError && error.reason === 'user_unknown') return false
    throw error
  }
}
