import { describe, expect, it } from 'vitest'
import { createVerifier, deriveChallenge } from '../src/pkce.ts'

describe('PKCE (RFC 7636)', () => {
  it('derives the challenge of Appendix B', async () => {
    const challenge = await deriveChallenge(crypto, 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  })

  it('makes verifiers of 43 unreserved characters, never the same twice (§4.1)', () => {
    const verifiers = Array.from({ length: 200 }, () => createVerifier(crypto))
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(new Set(verifiers).size).toBe(verifiers.length)
  })
})
