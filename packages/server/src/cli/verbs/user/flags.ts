import type { Command } from 'commander'
import { systemRandom } from '../../../adapters/random.ts'
import type { Context } from '../../context.ts'
import { UsageError } from '../../errors.ts'
import { given, workspaceOption } from '../../flags.ts'
import { readSecret } from '../../secrets-in.ts'

/** Flags that say which user is meant. */
export interface UserFlags {
  readonly workspace?: string
  readonly source?: string
}

export function addUserFlags(command: Command): Command {
  return command
    .option('--source <id>', 'identity source, where a name is in several')
    .addOption(workspaceOption())
}

export function userReference(user: string, { workspace, source }: UserFlags) {
  return { user, ...given({ workspace, source }) }
}

/** Flags that say where a new password comes from. */
export interface PasswordFlags {
  readonly passwordStdin?: true
  readonly passwordFile?: string
  readonly generatePassword?: true
}

export function addPasswordFlags(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read the password from a file')
    .option('--generate-password', 'make one and show it once')
}

/** Letters and digits, 142 bits. */
const GENERATED_LENGTH = 24

export interface NewPassword {
  readonly password: string
  /** It was made here, so it must be shown. */
  readonly generated: boolean
}

/** @throws {UsageError} */
export async function readNewPassword(context: Context, flags: PasswordFlags): Promise<NewPassword> {
  if (!flags.generatePassword) {
    const source = { what: 'password', stdin: flags.passwordStdin, file: flags.passwordFile, isNew: true }
    return { password: await readSecret(context, source), generated: false }
  }
  if (flags.passwordStdin || flags.passwordFile !== undefined) {
    throw new UsageError('--generate-password goes without --password-stdin and --password-file')
  }
  return { password: systemRandom().alphanumeric(GENERATED_LENGTH), generated: true }
}
