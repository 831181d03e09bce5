import type { DeviceCodeRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import type { DeviceOrigin } from '../interaction/pages.ts'
import { networkOf } from '../throttling/network-of.ts'

/**
 * Where and when a device asked, as far as people may know: whoever has a user code can open the page, and an address in
 * full would tell them where its owner lives. A device beside its person mostly comes from the same network.
 */
export function requestOrigin(
  { deps, request }: Exchange,
  { network, issuedAt }: Pick<DeviceCodeRecord, 'network' | 'issuedAt'>,
): DeviceOrigin {
  const there = withoutPrefix(network)
  const here = withoutPrefix(networkOf(request.remote))
  const local = isLocal(there) && isLocal(here)
  const comparable = local || isIpv6(there) === isIpv6(here)
  return {
    minutesAgo: Math.max(0, Math.floor((deps.clock.now() - issuedAt) / 60)),
    sameNetwork: comparable ? local || there === here : null,
    network: approximate(there),
  }
}

/** `203.0.x.x`, `2001:db8:…`: about the provider, not the household. */
function approximate(network: string): string {
  if (isIpv6(network)) return `${network.split(':').slice(0, 2).join(':')}:…`
  return `${network.split('.').slice(0, 2).join('.')}.x.x`
}

/** This machine, by either protocol: the /64 of `::1` is all zeros. */
function isLocal(network: string): boolean {
  return network.startsWith('127.') || network === '0:0:0:0'
}

function isIpv6(network: string): boolean {
  return network.includes(':')
}

/** IPv4 as a socket for both shows it. */
function withoutPrefix(network: string): string {
  return network.replace(/^::ffff:(?=\d+\.)/i, '')
}
