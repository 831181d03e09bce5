import type { JSONWebKeySet } from 'jose'
import { LRUCache } from 'lru-cache'
import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { type Deps, FetchRefused } from '../ports.ts'

interface KnownKeys {
  /** The last answer, where there was one. */
  readonly keys: JSONWebKeySet | undefined
  readonly fetchedAt: EpochSeconds
  readonly askedAt: EpochSeconds
  /** While they are fetched: whoever needs them meanwhile waits for the same answer. */
  readonly asking: Promise<JSONWebKeySet> | undefined
}

const MAX_AGE = 300
/** An unknown kid, or keys that could not be read, may make us ask again, but not more often than this. */
const COOL_DOWN = 10

/** Of each server its own: a process may hold several. */
const caches = new WeakMap<Deps['fetcher'], LRUCache<string, KnownKeys>>()

/**
 * The public keys of a client: its `jwks`, or what its `jwks_uri` answers, kept for five minutes.
 *
 * Security: one request at a time for each URI, and after a failure none for ten seconds. Forged assertions would else
 * take every outbound slot, and no client whose keys have to be fetched could authenticate.
 *
 * @throws {FetchRefused}
 */
export async function clientKeys(
  { clock, fetcher }: Pick<Deps, 'clock' | 'fetcher'>,
  client: ClientRecord,
  refetch: boolean,
): Promise<JSONWebKeySet> {
  const { jwks, jwks_uri } = client.metadata
  if (jwks !== undefined) return toKeySet(jwks)
  if (jwks_uri === undefined) return { keys: [] }
  const cache = cacheOf(fetcher)
  const known = cache.get(jwks_uri)
  const now = clock.now()
  const fresh = known && isWithin(now - known.fetchedAt, MAX_AGE) ? known.keys : undefined
  if (fresh && !refetch) return fresh
  if (known?.asking) return known.asking
  if (known && isWithin(now - known.askedAt, COOL_DOWN)) {
    if (fresh) return fresh
    throw new FetchRefused('the keys could not be read a moment ago')
  }
  const asking = fetcher.json(jwks_uri).then(toKeySet)
  const before = { keys: known?.keys, fetchedAt: known?.fetchedAt ?? 0, askedAt: now }
  cache.set(jwks_uri, { ...before, asking })
  try {
    const keys = await asking
    cache.set(jwks_uri, { keys, fetchedAt: now, askedAt: now, asking: undefined })
    return keys
  } catch (error) {
    cache.set(jwks_uri, { ...before, asking: undefined })
    throw error
  }
}

function isWithin(age: Seconds, limit: Seconds): boolean {
  return age >= 0 && age < limit
}

function cacheOf(fetcher: Deps['fetcher']): LRUCache<string, KnownKeys> {
  const known = caches.get(fetcher)
  if (known) return known
  const cache = new LRUCache<string, KnownKeys>({ max: 1000 })
  caches.set(fetcher, cache)
  return cache
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
