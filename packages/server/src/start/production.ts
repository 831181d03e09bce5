import type { PixyConfig } from '../config/schema.ts'
import { StartError } from './errors.ts'

/**
 * What speaks against serving strangers with this configuration: all of it at once, each with its mending.
 *
 * @throws {StartError}
 */
export function checkProduction(
  config: PixyConfig,
  options: { readonly hasConfigFile: boolean; readonly secretGiven: boolean },
): void {
  const reasons: string[] = []
  if (!options.hasConfigFile)
    reasons.push('There is no configuration file: the demo tenant is for development. Pass --config FILE.')
  if (!config.url.startsWith('https://'))
    reasons.push(`url is ${config.url}: people's browsers need https. Set url in the file, or PIXY_URL.`)
  if (!options.secretGiven)
    reasons.push(
      'PIXY_SECRET is not set: in production the master secret comes from outside the data folder. Set PIXY_SECRET or PIXY_SECRET_FILE (openssl rand -base64 48).',
    )
  if (config.allow_private_addresses.length > 0)
    reasons.push('allow_private_addresses is set: outbound requests could reach your own network. Remove it.')
  if (reasons.length > 0)
    throw new StartError(
      ['pixy start --production refuses to run:', ...reasons.map((reason) => `  - ${reason}`)].join('\n'),
    )
}
