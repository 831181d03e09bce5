import { createCipheriv, createDecipheriv, createHmac, hash, timingSafeEqual } from 'node:crypto'
import { hashHandle } from '../handles.ts'
import type { Random } from '../ports.ts'

const PREFIX = 'pixy_rt_'
const FAMILY = 22
const SECRET = 50
const TAG = 11
const LENGTH = PREFIX.length + FAMILY + SECRET + TAG
const SHAPE = /^[A-Za-z0-9]+$/

export interface RefreshTokenParts {
  /** Finds the family; stored. */
  readonly familyHash: string
  /** Of the whole token; stored as current or previous. */
  readonly tokenHash: string
}

export interface NewRefreshToken extends RefreshTokenParts {
  readonly token: string
}

/**
 * A refresh token: `pixy_rt_`, the family (131 bits), a secret of this generation (297 bits), and a tag. The tag, keyed
 * by the workspace, proves that we once issued exactly this token: so a genuine old token presented again ends its
 * family (RFC 9700 §4.14.2), while a cut, guessed or damaged one harms nobody. `docs/adr/0006`.
 */
export function newRefreshToken(
  random: Random,
  tagKey: string,
  family = random.alphanumeric(FAMILY),
): NewRefreshToken {
  const body = family + random.alphanumeric(SECRET)
  const token = PREFIX + body + tagOf(body, tagKey)
  return { token, familyHash: hashHandle(family), tokenHash: hashHandle(token) }
}

/** The next generation of a token that was parsed before. */
export function nextRefreshToken(random: Random, tagKey: string, presented: string): NewRefreshToken {
  return newRefreshToken(random, tagKey, presented.slice(PREFIX.length, PREFIX.length + FAMILY))
}

/** `undefined` for whatever we never issued. */
export function parseRefreshToken(token: string, tagKey: string): RefreshTokenParts | undefined {
  if (token.length !== LENGTH || !token.startsWith(PREFIX)) return undefined
  // Security: the tag too. As latin1 a letter beyond it compares like another, and a damaged token would end its family.
  if (!SHAPE.test(token.slice(PREFIX.length))) return undefined
  const body = token.slice(PREFIX.length, -TAG)
  const tag = Buffer.from(token.slice(-TAG), 'latin1')
  if (!timingSafeEqual(tag, Buffer.from(tagOf(body, tagKey), 'latin1'))) return undefined
  return { familyHash: hashHandle(body.slice(0, FAMILY)), tokenHash: hashHandle(token) }
}

/** Whether a text was meant as a refresh token, for hints and explanations. */
export function looksLikeRefreshToken(token: string): boolean {
  return token.startsWith(PREFIX)
}

/** Encrypts a successor under its predecessor: only who presents that one again can be given it. */
export function sealSuccessor(random: Random, successor: string, predecessor: string): string {
  const iv = random.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', successorKey(predecessor), iv)
  const sealed = Buffer.concat([iv, cipher.update(successor, 'latin1'), cipher.final(), cipher.getAuthTag()])
  return sealed.toString('base64url')
}

/** @throws where `predecessor` is not the token it was sealed under */
export function openSuccessor(sealed: string, predecessor: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', successorKey(predecessor), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('latin1')
}

function successorKey(predecessor: string): Buffer {
  return hash('sha256', `pixy refresh successor ${predecessor}`, 'buffer')
}

/** 64 bits of HMAC-SHA256 in base64url, with `-` and `_` mapped away: eleven characters. */
function tagOf(body: string, tagKey: string): string {
  const mac = createHmac('sha256', tagKey).update(body).digest('base64url').slice(0, TAG)
  return mac.replaceAll('-', 'A').replaceAll('_', 'B')
}
