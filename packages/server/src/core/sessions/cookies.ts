import type { Seconds } from '../../protocol/types.ts'
import { type Exchange, header } from '../exchange.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/** `session`: who is signed in here. `transaction`: binds pending interactions to this browser. `device`: known accounts. */
export type CookieName = 'session' | 'transaction' | 'device' | 'language'

const NAMES = {
  session: 'pixy_sid',
  transaction: 'pixy_txn',
  device: 'pixy_dev',
  language: 'pixy_lang',
} as const
const MAX_HEADER = 16_384

/**
 * The value the browser sent, or nothing. The first counts where a name occurs twice. With `flowId` the cookie is that
 * flow's own.
 */
export function readCookie(
  { request, workspace }: Pick<Exchange, 'request' | 'workspace'>,
  name: CookieName,
  flowId?: string,
): string | undefined {
  const cookies = header(request, 'cookie')
  if (cookies === undefined || cookies.length > MAX_HEADER) return undefined
  const wanted = `${cookieName(workspace, name, flowId)}=`
  for (const part of cookies.split(';')) {
    const pair = part.trim()
    if (pair.startsWith(wanted)) return pair.slice(wanted.length)
  }
  return undefined
}

/**
 * A `Set-Cookie` value: HttpOnly, SameSite=Lax, no Domain, and on https `Secure` with the `__Host-` prefix. Plain http
 * has the same names without the prefix. `maxAge` null: until the browser closes; 0: gone.
 */
export function writeCookie(
  workspace: Workspace,
  name: CookieName,
  value: string,
  maxAge: Seconds | null,
  flowId?: string,
): string {
  const life = maxAge === null ? '' : `; Max-Age=${maxAge}`
  return `${cookieName(workspace, name, flowId)}=${value}; Path=/; HttpOnly; SameSite=Lax${workspace.secure ? '; Secure' : ''}${life}`
}

function cookieName(workspace: Workspace, name: CookieName, flowId?: string): string {
  const own = flowId === undefined ? '' : `_${flowId}`
  return `${workspace.secure ? '__Host-' : ''}${NAMES[name]}${workspace.cookieSuffix}${own}`
}
