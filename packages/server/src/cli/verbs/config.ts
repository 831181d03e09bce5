import type { Context } from '../context.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy config …`: configuration as code. */
export const define: DefineVerb = (command, run) => {
  command.usage('VERB [options]').description('The configuration file.')
  command
    .command('check')
    .description(
      'Reads file and environment as a start would, and says everything that is wrong (exit code 3).',
    )
    .argument('[file]', 'the same as --config')
    .option('--production', 'by the rules of pixy start --production')
    .action(
      run((context, file: string | undefined, { production }: { readonly production?: true }) =>
        check(context, file ?? context.config, production ?? false),
      ),
    )
  command
    .command('schema')
    .description('Prints the JSON Schema of the file, for editors ($schema) and for checks elsewhere.')
    .action(
      run(async ({ terminal }) => {
        const { configJsonSchema } = await import('../../config/json-schema.ts')
        terminal.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
      }),
    )
}

async function check(context: Context, file: string | undefined, production: boolean): Promise<void> {
  const { loadConfig, readEnvironment } = await import('../../config/load.ts')
  const { terminal, data } = context
  const config = await loadConfig({ file, env: terminal.env, overrides: { data }, production })
  const from = file ?? readEnvironment(terminal.env).config
  const workspaces = (config.tenants ?? []).flatMap(({ workspaces = [] }) => workspaces)
  const found = {
    ok: true,
    file: from ?? null,
    url: config.url,
    tenants: config.tenants?.length ?? 0,
    workspaces: workspaces.length,
    clients: workspaces.reduce((sum, { clients = [] }) => sum + clients.length, 0),
    users: workspaces.reduce((sum, { users = [] }) => sum + users.length, 0),
  }
  const counts = `${found.tenants} tenants, ${found.workspaces} workspaces, ${found.clients} clients, ${found.users} users`
  const what = from ?? 'The environment (there is no file)'
  context.result(found, () => `${terminal.colors.green('✔')} ${what} is valid: ${counts}, url ${found.url}\n`)
}
