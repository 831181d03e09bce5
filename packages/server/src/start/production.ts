import type { Environment } from '../config/load.ts'
import type { PixyConfig } from '../config/schema.ts'
import { StartError } from './errors.ts'

/** What `--production` misses in the environment; told together with what it misses in the file. */
export function productionProblems({ secret }: Environment): readonly string[] {
  if (secret !== undefined) return []
  return [
    'PIXY_SECRET: is missing. In production the master secret comes from outside the data folder: set PIXY_SECRET or PIXY_SECRET_FILE (openssl rand -base64 48).',
  ]
}

/**
 * What is valid in a file, and yet nothing to serve strangers with.
 *
 * @throws {StartError} with all reasons at once, each with its mending
 */
export function checkProduction(config: PixyConfig): void {
  const reasons: string[] = []
  if (!config.url.startsWith('https://')) {
    reasons.push(`url is ${config.url}: people's browsers need https. Set url in the file, or PIXY_URL.`)
  }
  if (config.allow_private_addresses.length > 0) {
    reasons.push('allow_private_addresses is set: outbound requests could reach your own network. Remove it.')
  }
  if (reasons.length === 0) return
  throw new StartError(
    ['pixy start --production refuses to run:', ...reasons.map((reason) => `  - ${reason}`)].join('\n'),
  )
}
