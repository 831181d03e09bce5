import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOAuthErrorCode, OAuthError, sanitizeDescription, statusOf } from './oauth-error.ts'

describe('OAuthError', () => {
  it('speaks to the client, the operator and us', () => {
    const cause = new Error('no row')
    const detail = { param: 'resource', received: 'x', expected: 'y', fix: 'Send y.' }
    const error = new OAuthError('invalid_target', 'resource_unknown', 'The resource is "unknown".', {
      cause,
      detail,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'OAuthError',
      code: 'invalid_target',
      reason: 'resource_unknown',
      status: 400,
      detail,
    })
    expect(error.description).toBe("The resource is 'unknown'.")
    expect(error.cause).toBe(cause)
    expect(error.message).toContain('resource_unknown')
  })

  it('has the status of its code unless told otherwise', () => {
    expect(new OAuthError('invalid_client', 'r', 'd').status).toBe(401)
    expect(new OAuthError('temporarily_unavailable', 'r', 'd', { status: 429 }).status).toBe(429)
    expect(statusOf('insufficient_scope')).toBe(403)
    expect(new OAuthError('invalid_request', 'r', 'd').detail).toBeUndefined()
    expect(new OAuthError('invalid_request', 'r', 'd')).not.toHaveProperty('cause')
  })

  it('knows its codes', () => {
    expect(isOAuthErrorCode('login_required')).toBe(true)
    expect(isOAuthErrorCode('toString')).toBe(false)
  })
})

describe('sanitizeDescription (RFC 6749 §5.2)', () => {
  it('replaces what the grammar does not have', () => {
    expect(sanitizeDescription('plain text!')).toBe('plain text!')
    expect(sanitizeDescription('a "b" \\ c\r\n\td é😀')).toBe("a 'b' / c d ??")
    expect(sanitizeDescription('a\\b')).toBe('a/b')
    expect(sanitizeDescription('a"b')).toBe("a'b")
    expect(sanitizeDescription('x'.repeat(5000))).toHaveLength(512)
  })

  it('always ends inside the grammar', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
        (text) => {
          expect(sanitizeDescription(text)).toMatch(/^[ !#-[\]-~]*$/)
        },
      ),
    )
  })
})
