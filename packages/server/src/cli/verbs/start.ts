import { wholeNumber } from '../flags.ts'
import type { DefineVerb } from '../verbs.ts'

interface Flags {
  readonly port?: number
  readonly host?: string
  readonly production?: true
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsSelfSigned?: true
  readonly workers?: number
}

/** `pixy start`. The server lives on after the action has resolved. */
export const define: DefineVerb = (command, run) => {
  command
    .description(
      'Migrates the database, makes signing keys if there are none, and serves. Without a configuration file: the demo.',
    )
    .option(
      '--port <number>',
      'port to listen on (PIXY_PORT; 4000, or the next free one)',
      wholeNumber(0, 65_535),
    )
    .option('--host <address>', 'address to listen on (PIXY_HOST; 127.0.0.1 and ::1)')
    .option('--production', 'refuse what is for development only')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--tls-self-signed', 'https with a certificate made for this start')
    .option('--workers <number>', 'processes; more than 1 needs PostgreSQL', wholeNumber(1, 256))
    .action(
      run(async ({ config, data, json }, flags: Flags) => {
        const { runStart } = await import('../../main.ts')
        await runStart({
          config,
          data,
          json,
          ...flags,
          production: flags.production ?? false,
          tlsSelfSigned: flags.tlsSelfSigned ?? false,
        })
      }),
    )
}
