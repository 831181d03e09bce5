import { describe, expect, it } from 'vitest'
import { selectClaims, standardClaims } from './scope-claims.ts'

const ALICE = {
  sub: 'u1',
  name: 'Alice',
  'name#ja': 'アリス',
  'name#de-CH': 'Alice (CH)',
  email: 'alice@example.com',
  email_verified: true,
  address: { country: 'CH' },
  nickname: '',
  middle_name: null,
  updated_at: 0,
  groups: ['staff'],
}

describe('selectClaims (OIDC Core §5.4, §5.5)', () => {
  it('gives the claims of the scopes that have a value', () => {
    expect(selectClaims(ALICE, ['openid'])).toEqual({ sub: 'u1' })
    expect(selectClaims(ALICE, ['openid', 'profile'])).toEqual({ sub: 'u1', name: 'Alice', updated_at: 0 })
    expect(selectClaims(ALICE, ['email', 'address', 'phone', 'notes:read'])).toEqual({
      email: 'alice@example.com',
      email_verified: true,
      address: { country: 'CH' },
    })
    expect(selectClaims(ALICE, [])).toEqual({})
  })

  it('adds what the claims parameter asks for, also by its tagged name', () => {
    const requested = {
      groups: { essential: true },
      'name#ja': { essential: false },
      unknown: { essential: true },
    }
    expect(selectClaims(ALICE, [], requested)).toEqual({ groups: ['staff'], 'name#ja': 'アリス' })
  })

  it('leaves out a claim that was asked for with another value', () => {
    const email = (value: string) => selectClaims(ALICE, [], { email: { essential: false, value } })
    expect(email('alice@example.com')).toEqual({ email: 'alice@example.com' })
    expect(email('eve@example.com')).toEqual({})
    expect(selectClaims(ALICE, [], { sub: { essential: true, values: ['u0', 'u1'] } })).toEqual({ sub: 'u1' })
    expect(
      selectClaims(ALICE, [], { address: { essential: true, value: { country: 'CH' } } }),
    ).toHaveProperty('address')
    expect(
      selectClaims(ALICE, ['email'], { email: { essential: false, value: 'eve@example.com' } }),
    ).toHaveProperty('email')
  })

  it('gives the best translation under the plain name (OIDC Core §5.2)', () => {
    expect(selectClaims(ALICE, ['profile'], {}, ['ja-JP'])).toMatchObject({ name: 'アリス' })
    expect(selectClaims(ALICE, ['profile'], {}, ['fr', 'de-CH'])).toMatchObject({ name: 'Alice (CH)' })
    expect(selectClaims(ALICE, ['profile'], {}, ['fr'])).toMatchObject({ name: 'Alice' })
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'gives nothing for a claim named %s',
    (name) => {
      const requested = JSON.parse(`{"${name}":{"essential":true}}`)
      const selected = selectClaims(ALICE, [], requested)
      expect(Object.keys(selected)).toEqual([])
      expect(Object.getPrototypeOf(selected)).toBe(Object.prototype)
      const hostile = JSON.parse('{"__proto__":{"polluted":true}}')
      expect(Object.getPrototypeOf(selectClaims(hostile, [], requested))).toBe(Object.prototype)
    },
  )

  it('lists the standard claims of OIDC Core §5.1 once each', () => {
    expect(new Set(standardClaims).size).toBe(standardClaims.length)
    expect(standardClaims).toHaveLength(20)
  })
})
