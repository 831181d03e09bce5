import { wholeNumber } from '../flags.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy test-server`. The server lives on after the action has resolved. */
export const define: DefineVerb = (command, run) => {
  command
    .description(
      'Serves in memory, on loopback only, with a control API under /__test/. With --data or PIXY_DATABASE_URL: on that database.',
    )
    .option('--port <number>', 'port to listen on (a free one)', wholeNumber(0, 65_535))
    .action(
      run(async ({ config, data, json }, { port }: { readonly port?: number }) => {
        const { runTestServer } = await import('../../main.ts')
        await runTestServer({ config, data, port, json })
      }),
    )
}
