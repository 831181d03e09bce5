import type { UserView } from '../../../admin-api/users/user-view.ts'
import { facts, printable } from '../../terminal/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { dateTime } from '../../terminal/time.ts'

/** A user for people, with the password that was just made, if any. */
export function userText(terminal: Terminal, user: UserView, password?: string): string {
  const { bold, dim, yellow } = terminal.colors
  const claims = Object.entries(user.claims).map(([name, value]) =>
    printable(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  )
  return [
    `${bold(printable(user.username))}${user.enabled ? '' : `  ${yellow('disabled')}`}\n`,
    facts(terminal, [
      ['id', user.user_id],
      ['source', user.source],
      [
        'password',
        password === undefined
          ? user.has_password
            ? 'set'
            : 'none: cannot sign in'
          : `${bold(password)}  ${dim('shown once')}`,
      ],
      ['clients', user.clients.join(', ')],
      ['claims', claims.join('\n')],
      ['created', dateTime(user.created_at)],
      ['owner', user.owner === 'local' ? undefined : user.owner],
      ['workspace', user.workspace],
    ]),
  ].join('')
}
