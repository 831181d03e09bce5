import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Exchange } from '../exchange.ts'
import { readCookie, writeCookie } from '../sessions/cookies.ts'

const DAY = 86_400
const LIFE_DAYS = 90
const MAX_ACCOUNTS = 5
const ENTRY = /^[0-9]{1,7}-[A-Za-z0-9_-]{22}$/

/**
 * Whether this browser has signed in to the account within 90 days: a signed cookie that names no account says so, and
 * nothing is stored.
 */
export function isKnownDevice(exchange: Exchange, userId: string): boolean {
  const today = Math.floor(exchange.deps.clock.now() / DAY)
  return entriesOf(exchange).some((entry) => {
    const day = Number(entry.slice(0, entry.indexOf('-')))
    return day <= today && day > today - LIFE_DAYS && matches(entry, sign(exchange, userId, day))
  })
}

/** The cookie to set after a sign-in: the newest five accounts of this browser. */
export function rememberDevice(exchange: Exchange, userId: string): readonly string[] {
  const today = Math.floor(exchange.deps.clock.now() / DAY)
  const entry = sign(exchange, userId, today)
  const others = entriesOf(exchange).filter((known) => {
    const day = Number(known.slice(0, known.indexOf('-')))
    return !matches(known, sign(exchange, userId, day))
  })
  const value = [entry, ...others].slice(0, MAX_ACCOUNTS).join('.')
  return [writeCookie(exchange.workspace, 'device', value, LIFE_DAYS * DAY)]
}

function entriesOf(exchange: Exchange): readonly string[] {
  const cookie = readCookie(exchange, 'device')
  if (cookie === undefined || cookie.length > 500) return []
  return cookie
    .split('.')
    .filter((entry) => ENTRY.test(entry))
    .slice(0, MAX_ACCOUNTS)
}

function sign({ workspace }: Exchange, userId: string, day: number): string {
  const mac = createHmac('sha256', workspace.secrets.tagKey)
    .update(`device ${userId} ${day}`)
    .digest('base64url')
  return `${day}-${mac.slice(0, 22)}`
}

function matches(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
