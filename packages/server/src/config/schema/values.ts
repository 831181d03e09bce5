import { isIP } from 'node:net'
import { z } from 'zod'
import { isScopePattern, parseScopePattern, type ScopePatternProblem } from '../../protocol/dynamic-scope.ts'
import { checkResource } from '../../protocol/resource.ts'
import { isProblem } from '../../protocol/types.ts'
import { isHost, isLoopbackHost, isPort, originOf, splitAuthority, splitUri } from '../../protocol/uri.ts'

/** The id of a tenant, a workspace or an identity source: part of URLs and keys. */
export const id = () =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
    error: 'expected 1 to 63 letters, digits, - and _, beginning with a letter or digit',
  })

export const name = () =>
  z.string().regex(/^[^\p{Cc}]{1,200}$/u, { error: 'expected 1 to 200 characters without line breaks' })

export const seconds = (most: number, least = 1) =>
  z
    .int()
    .min(least, { error: `expected ${least} to ${most} seconds` })
    .max(most, { error: `expected ${least} to ${most} seconds` })

/** A scope token (RFC 6749 §3.3), or the pattern of a dynamic scope. */
export const scopeName = () =>
  z
    .string()
    .regex(/^[!#-[\]-~]{1,200}$/, {
      error: 'expected a scope name: printable ASCII without spaces, quotes and backslashes (RFC 6749 §3.3)',
    })
    .superRefine((name, context) => {
      if (!isScopePattern(name)) return
      const pattern = parseScopePattern(name)
      if (isProblem(pattern))
        context.addIssue({ code: 'custom', message: PATTERN_PROBLEMS[pattern.problem], input: name })
    })

const PATTERN_PROBLEMS: Readonly<Record<ScopePatternProblem['problem'], string>> = {
  braces:
    'expected braces around the name of a placeholder only, such as transfers.{account}: one of { and } stands alone here',
  placeholder_name:
    'expected each placeholder to be named by lower-case letters, digits and _, such as transfers.{account}',
  placeholder_twice: 'expected placeholders with different names, such as transfers.{account}.{month}',
  too_many: 'expected at most 4 placeholders',
  no_prefix:
    'expected text before the first placeholder, such as transfers.{account}: this pattern would match every scope',
  no_separator:
    'expected a character between two placeholders that no value can hold, such as the dot in transfers.{account}.{month}',
}

/** Scope tokens separated by single spaces. */
export const scopeList = () =>
  z.string().regex(/^(?:[!#-[\]-~]+(?: [!#-[\]-~]+)*)?$/, {
    error: 'expected scope names separated by single spaces (RFC 6749 §3.3)',
  })

/** A page that people or programs are sent to: https, or http on this machine. */
export const webUri = () =>
  z.string().refine(isWebUri, {
    error: 'expected an https URI, such as https://app.example/about (http only for localhost)',
  })

/** RFC 8707 §2. */
export const resourceIdentifier = () =>
  z.string().refine((uri) => checkResource(uri) === undefined, {
    error: 'expected an absolute URI without fragment, such as https://api.example (RFC 8707 §2)',
  })

/** Scheme and host (RFC 6454), as in the header `Origin`. */
export const origin = () =>
  z.string().refine((uri) => originOf(uri) === uri, {
    error: 'expected an origin in lower case, such as https://app.example, without path and slash',
  })

/** A public base URL: an issuer is this and a workspace's path. */
export const baseUrl = () =>
  z.string().refine(isBaseUrl, {
    error:
      'expected scheme and host, such as https://auth.example, in lower case, without slash at the end, default port, path, query and fragment. ' +
      'A path belongs to the workspace: "path": "/auth"',
  })

/** `host` or `host:port`. */
export const hostName = () =>
  z.string().refine(isHostName, {
    error: 'expected a host name in lower case, such as login.example or localhost:4000',
  })

export const port = (least = 0) =>
  z
    .int()
    .min(least, { error: `expected a port from ${least} to 65535` })
    .max(65_535, { error: `expected a port from ${least} to 65535` })

/** Proxies that are trusted to name the client's address: how many stand in front, or their addresses and networks. */
export const proxies = () => {
  const error = 'expected false, the number of proxies, or their addresses, such as ["10.0.0.0/8"]'
  const addresses = z
    .string()
    .refine((text) => text.split(',').every((part) => isNetwork(part.trim())), { error })
  return z.union([z.boolean(), z.int().min(0).max(100), addresses, z.array(addresses)], { error })
}

function isNetwork(text: string): boolean {
  if (/^(?:loopback|linklocal|uniquelocal)$/.test(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  return isIP(address) !== 0 && rest.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits))
}

function isWebUri(uri: string): boolean {
  if (uri.length > 2048 || !/^[!-~]+$/.test(uri) || /[\\"<>^`{|}]/.test(uri)) return false
  const parts = splitUri(uri)
  if (originOf(uri) === undefined || parts?.authority === undefined) return false
  return parts.scheme.toLowerCase() === 'https' || isLoopbackHost(splitAuthority(parts.authority).host)
}

function isBaseUrl(url: string): boolean {
  return url.length <= 255 && originOf(url) === url
}

function isHostName(text: string): boolean {
  const { userinfo, host, port: number } = splitAuthority(text)
  return (
    userinfo === undefined &&
    isHost(host) &&
    text === text.toLowerCase() &&
    (number === undefined || isPort(number))
  )
}
