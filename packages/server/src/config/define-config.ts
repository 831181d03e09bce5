import { ConfigError } from './config-error.ts'
import type { PixyConfigInput } from './schema.ts'

/** For `pixy.config.ts`: gives back what it gets, and lets the editor check and complete it. */
export function defineConfig(config: PixyConfigInput): PixyConfigInput {
  return config
}

/**
 * A value from the environment, for what differs between machines and for secrets.
 *
 * @throws {ConfigError} where the variable is not set and there is no fallback
 */
export function env(name: string, fallback?: string): string {
  const value = process.env[name] ?? fallback
  if (value === undefined)
    throw new ConfigError([`${name}: is not set. Set the variable, or give a fallback: env('${name}', '…').`])
  return value
}
