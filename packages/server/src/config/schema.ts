import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { describeIssues, formatProblems, type Names, type Problem } from './problems.ts'
import { checkFile, checkProduction } from './schema/file-rules.ts'
import { rules } from './schema/rule.ts'
import { tenantSchema } from './schema/tenant.ts'
import { baseUrl, port, proxies } from './schema/values.ts'

export { ConfigError } from './config-error.ts'
export type { ClientConfig, ClientInput } from './schema/client.ts'
export { clientSchema } from './schema/client.ts'
export type { IdentitySourceConfig } from './schema/identity-source.ts'
export type { TenantConfig, WorkspaceConfig } from './schema/tenant.ts'
export { type UserConfig, userSchema } from './schema/user.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The configuration file (`contract.md` §2). What differs between machines also has a `PIXY_` variable or a flag. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    url: baseUrl()
      .optional()
      .describe(
        'Public base URL; default: http://localhost:4000, or where the server listens. Required with --production.',
      ),
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:_-]{1,253}$/, { error: 'expected an address or a host name, such as 0.0.0.0' })
      .optional()
      .describe('Address to listen on; default: 127.0.0.1 and ::1.'),
    port: port().optional().describe('Port to listen on; default: 4000, or the next free one.'),
    data: z.string().min(1, { error: 'expected a folder' }).default('./data').describe('Data folder.'),
    database: z
      .string()
      .regex(/^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/, { error: 'expected sqlite:PATH or postgres://…' })
      .optional()
      .describe('sqlite:PATH or postgres://…; default: sqlite:./data/pixy.db, with the data folder in it.'),
    trust_proxy: proxies()
      .default(false)
      .describe('Proxies whose X-Forwarded-For counts: how many, or their addresses and networks.'),
    log_level: z.enum(LOG_LEVELS).optional().describe('What is logged; default: info, on a terminal warn.'),
    metrics_port: port(1).optional().describe('Port for metrics; default: none.'),
    mail: z
      .strictObject({
        smtp_url: z
          .string()
          .regex(/^smtps?:\/\/./, { error: 'expected smtp://… or smtps://…' })
          .optional()
          .describe('Mail server, smtps://user:password@host.'),
        from: z
          .string()
          .min(3, { error: 'expected an address' })
          .optional()
          .describe('Sender, such as Acme <no-reply@acme.example>.'),
      })
      .optional()
      .describe('How mail is sent.'),
    allow_private_addresses: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Hosts (with port where there is one) that may be fetched from at private addresses and by http. For tests.',
      ),
    tenants: z.array(tenantSchema).optional().describe('Tenants. Absent: unmanaged.'),
  })
  .superRefine(...rules(checkFile))
  .describe('Configuration of Pixy.')

export type PixyConfigInput = z.input<typeof configSchema>

/** The configuration with every default filled in. An absent section stays absent: it is unmanaged. */
export interface PixyConfig extends Omit<z.output<typeof configSchema>, '$schema' | 'url' | 'database'> {
  readonly url: string
  /** Nobody named the URL: it follows the port. */
  readonly url_is_default: boolean
  readonly database: string
}

export interface ParseOptions {
  /** `--production` refuses what is for development only. */
  readonly production?: boolean | undefined
  /** What to call members that came from elsewhere than the file, such as `url` → `PIXY_URL`. */
  readonly names?: Names | undefined
  /** Problems found before; they are told together with those of the file. */
  readonly problems?: readonly string[] | undefined
}

/** Checks a configuration and fills in its defaults. @throws {ConfigError} with all problems at once */
export function parseConfig(input: unknown, options: ParseOptions = {}): PixyConfig {
  const result = configSchema.safeParse(input)
  const problems: Problem[] = result.success ? [] : describeIssues(result.error.issues, input, configSchema)
  if (options.production) checkProduction(input, (path, message) => problems.push({ path, text: message }))
  const lines = [...(options.problems ?? []), ...formatProblems(problems, options.names)]
  if (!result.success || lines.length > 0) throw new ConfigError(lines)
  const { $schema: _, url, database, ...config } = result.data
  return {
    ...config,
    url: url ?? `http://localhost:${config.port ?? 4000}`,
    url_is_default: url === undefined,
    database: database ?? `sqlite:${config.data}/pixy.db`,
  }
}
