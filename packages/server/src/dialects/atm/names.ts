import type { Exchange } from '../../core/exchange.ts'
import { Parameters } from '../../protocol/parameters.ts'
import type { AtmDeviation } from './deviations.ts'

interface Name {
  readonly standard: string
  readonly deviation: AtmDeviation
}

const NAMES: ReadonlyMap<string, Name> = new Map<string, Name>([
  ['clientId', { standard: 'client_id', deviation: 'atm_client_id_name' }],
  ['clientSecret', { standard: 'client_secret', deviation: 'atm_client_secret_name' }],
  ['grant_types', { standard: 'grant_type', deviation: 'atm_grant_types_name' }],
  ['grantType', { standard: 'grant_type', deviation: 'atm_grant_type_camel_name' }],
])

/** Parameters in the standard's words, and what about the request was not. */
export interface Translated {
  readonly parameters: Parameters
  readonly deviations: readonly AtmDeviation[]
}

/**
 * Gives ATM's names their standard ones. Standard names pass, so that a client can move one by one; two spellings of one
 * name must agree. What has no value is left out.
 *
 * @throws {Refusal} `parameter_repeated`
 */
export function standardNames({ flow }: Exchange, sent: Parameters): Translated {
  const values = new Map<string, string | readonly string[]>()
  const deviations: AtmDeviation[] = []
  for (const name of sent.names()) {
    const all = sent.getAll(name)
    const [first] = all
    if (first === undefined) continue
    const own = NAMES.get(name)
    const standard = own?.standard ?? name
    if (own) deviations.push(own.deviation)
    const earlier = values.get(standard)
    if (earlier !== undefined && earlier !== first)
      flow.refuse('parameter_repeated', { param: standard, fix: `Send ${standard} in one spelling.` })
    values.set(standard, all.length === 1 ? first : all)
  }
  return { parameters: new Parameters(values), deviations }
}
