import type { Problem } from './types.ts'
import { isHost, splitAuthority, splitUri } from './uri.ts'

export type ResourceProblem = Problem<
  'too_long' | 'characters' | 'not_absolute' | 'fragment' | 'userinfo' | 'host'
>

const MAX_LENGTH = 2048

/** Checks one `resource` (RFC 8707 §2): an absolute URI without fragment; for http and https with a host. */
export function checkResource(uri: string): ResourceProblem | undefined {
  if (uri.length > MAX_LENGTH) return { problem: 'too_long' }
  if (uri.includes('#')) return { problem: 'fragment' }
  if (!/^[!-~]*$/.test(uri) || /[\\"<>^`{|}]/.test(uri)) return { problem: 'characters' }
  const parts = splitUri(uri)
  if (parts === undefined || (parts.path === '' && !parts.authority)) return { problem: 'not_absolute' }
  if (!isWeb(parts.scheme)) return undefined
  if (parts.authority === undefined) return { problem: 'not_absolute' }
  const { userinfo, host } = splitAuthority(parts.authority)
  if (userinfo !== undefined) return { problem: 'userinfo' }
  return isHost(host) ? undefined : { problem: 'host' }
}

/**
 * Whether two resource indicators name the same resource: equal strings, or http(s) URIs that differ only in
 * the case of scheme and host, a default port, or `/` for an empty path (RFC 3986 §6.2.3). URL libraries add
 * that slash.
 */
export function sameResource(a: string, b: string): boolean {
  if (a === b) return true
  const normal = normalize(a)
  return normal !== undefined && normal === normalize(b)
}

function normalize(uri: string): string | undefined {
  const parts = uri.length > MAX_LENGTH ? undefined : splitUri(uri)
  if (parts?.authority === undefined || !isWeb(parts.scheme) || parts.fragment !== undefined) return undefined
  const { userinfo, host, port } = splitAuthority(parts.authority)
  if (userinfo !== undefined) return undefined
  const scheme = parts.scheme.toLowerCase()
  const isDefault = port === undefined || port === (scheme === 'https' ? '443' : '80')
  const path = parts.path === '' ? '/' : parts.path
  const query = parts.query === undefined ? '' : `?${parts.query}`
  return `${scheme}://${host.toLowerCase()}${isDefault ? '' : `:${port}`}${path}${query}`
}

function isWeb(scheme: string): boolean {
  const lower = scheme.toLowerCase()
  return lower === 'https' || lower === 'http'
}
