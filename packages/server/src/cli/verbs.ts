import type { Command } from 'commander'
import type { Context } from './context.ts'

/** Makes commander's action from one that gets the context and then its arguments and flags. */
export type Run = <Values extends unknown[]>(
  action: (context: Context, ...values: Values) => Promise<void>,
) => (...values: [...Values, Command]) => Promise<void>

/** Gives a verb its arguments, flags and action. */
export type DefineVerb = (command: Command, run: Run) => void

export interface Verb {
  readonly name: string
  readonly summary: string
  load(): Promise<{ readonly define: DefineVerb }>
}

/** Every verb, in the order of the help. Only the one that is called is loaded. */
export const verbs: readonly Verb[] = [
  {
    name: 'start',
    summary: 'serve: the demo, or what a configuration file says',
    load: () => import('./verbs/start.ts'),
  },
  {
    name: 'test-server',
    summary: 'the same engine in memory, with a clock that tests move',
    load: () => import('./verbs/test-server.ts'),
  },
  {
    name: 'login',
    summary: 'sign in from here as a native client and show the tokens',
    load: () => import('./verbs/login.ts'),
  },
  {
    name: 'client',
    summary: 'applications: create, list, show, update, delete, rotate-secret, deviations',
    load: () => import('./verbs/client.ts'),
  },
  {
    name: 'user',
    summary: 'people: create, list, show, disable, enable, reset-password',
    load: () => import('./verbs/user.ts'),
  },
  {
    name: 'tenant',
    summary: 'tenants and their workspaces: create, list',
    load: () => import('./verbs/tenant.ts'),
  },
  { name: 'keys', summary: 'signing keys: list, rotate, retire', load: () => import('./verbs/keys.ts') },
  {
    name: 'explain',
    summary: 'why a request was refused, by the id that the error named',
    load: () => import('./verbs/explain.ts'),
  },
  {
    name: 'flow',
    summary: 'what happened in a sign-in: show, list, tail',
    load: () => import('./verbs/flow.ts'),
  },
  {
    name: 'token',
    summary: 'inspect a token, and say whether an API would take it',
    load: () => import('./verbs/token.ts'),
  },
  { name: 'doctor', summary: 'check this installation', load: () => import('./verbs/doctor.ts') },
  {
    name: 'config',
    summary: 'the configuration file: check, schema',
    load: () => import('./verbs/config.ts'),
  },
  {
    name: 'migrate',
    summary: 'bring the database to this version',
    load: () => import('./verbs/migrate.ts'),
  },
  {
    name: 'backup',
    summary: 'copy the database while it is in use',
    load: () => import('./verbs/backup.ts'),
  },
]
