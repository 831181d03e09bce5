import type { JSONWebKeySet } from 'jose'
import { LRUCache } from 'lru-cache'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { type Deps, FetchRefused } from '../ports.ts'

interface CachedKeys {
  readonly keys: JSONWebKeySet
  readonly fetchedAt: EpochSeconds
}

const MAX_AGE = 300
/** An unknown kid may make us ask again, but not more often than this. */
const COOL_DOWN = 10

const cache = new LRUCache<string, CachedKeys>({ max: 1000 })

/** The public keys of a client: its `jwks`, or what its `jwks_uri` answers, kept for five minutes. @throws {FetchRefused} */
export async function clientKeys(
  { clock, fetcher }: Pick<Deps, 'clock' | 'fetcher'>,
  client: ClientRecord,
  refetch: boolean,
): Promise<JSONWebKeySet> {
  const { jwks, jwks_uri } = client.metadata
  if (jwks !== undefined) return toKeySet(jwks)
  if (jwks_uri === undefined) return { keys: [] }
  const now = clock.now()
  const cached = cache.get(jwks_uri)
  const age = cached ? now - cached.fetchedAt : Number.POSITIVE_INFINITY
  if (cached && age >= 0 && age < (refetch ? COOL_DOWN : MAX_AGE)) return cached.keys
  const keys = toKeySet(await fetcher.json(jwks_uri))
  cache.set(jwks_uri, { keys, fetchedAt: now })
  return keys
}

function toKeySet(value: unknown): JSONWebKeySet {
  if (typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)) {
    return { keys: value.keys.filter(isPublicKey) }
  }
  throw new FetchRefused('the document is not a JWK set')
}

/** A set that shows private or symmetric keys is not used with them. */
function isPublicKey(key: unknown): boolean {
  return typeof key === 'object' && key !== null && !('d' in key) && !('k' in key)
}
