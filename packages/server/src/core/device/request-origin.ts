import type { DeviceCodeRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import type { DeviceOrigin } from '../interaction/pages.ts'
import { networkOf } from '../throttling/network-of.ts'

/**
 * Where and when a device asked, as far as people may know: whoever has a user code can open the page, and an address in
 * full would tell them where its owner lives. A device beside its person mostly comes from the same network.
 *
 * Security: two private addresses say nothing. Behind a proxy that we do not trust everybody has the proxy's, and a
 * stranger's device would seem to be in the room.
 */
export function requestOrigin(
  { deps, request }: Exchange,
  { network, issuedAt }: Pick<DeviceCodeRecord, 'network' | 'issuedAt'>,
): DeviceOrigin {
  const there = withoutPrefix(network)
  const here = withoutPrefix(networkOf(request.remote))
  const minutesAgo = Math.max(0, Math.floor((deps.clock.now() - issuedAt) / 60))
  if (isPrivate(there) && isPrivate(here)) return { minutesAgo, sameNetwork: null, network: null }
  const comparable = isIpv6(there) === isIpv6(here)
  return { minutesAgo, sameNetwork: comparable ? there === here : null, network: approximate(there) }
}

/** `203.0.x.x`, `2001:db8:…`: about the provider, not the household. */
function approximate(network: string): string {
  if (isIpv6(network)) return `${network.split(':').slice(0, 2).join(':')}:…`
  return `${network.split('.').slice(0, 2).join('.')}.x.x`
}

/** This machine, a local network, or what a provider's customers share. The /64 of `::1` is all zeros. */
const PRIVATE =
  /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0:0:0:0$|f[cd]|fe[89ab])/i

function isPrivate(network: string): boolean {
  return PRIVATE.test(network)
}

function isIpv6(network: string): boolean {
  return network.includes(':')
}

/** IPv4 as a socket for both shows it. */
function withoutPrefix(network: string): string {
  return network.replace(/^::ffff:(?=\d+\.)/i, '')
}
