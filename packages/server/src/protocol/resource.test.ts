import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkResource, sameResource } from './resource.ts'

describe('checkResource (RFC 8707 §2)', () => {
  it.each([
    'https://api.example',
    'https://api.example/app/',
    'https://api.example/mcp?tenant=1',
    'http://localhost:3000/mcp',
    'http://[::1]:3000/mcp',
    'urn:example:cooperation-context',
    'api://notes',
  ])('accepts %s', (uri) => {
    expect(checkResource(uri)).toBeUndefined()
  })

  it.each([
    ['', 'not_absolute'],
    ['api.example', 'not_absolute'],
    ['/api', 'not_absolute'],
    ['//api.example', 'not_absolute'],
    ['https:', 'not_absolute'],
    ['https:/api.example', 'not_absolute'],
    ['api://', 'not_absolute'],
    ['https://api.example#', 'fragment'],
    ['https://api.example/#x', 'fragment'],
    ['https://user@api.example/', 'userinfo'],
    ['https:///api', 'host'],
    ['https://api..example/', 'host'],
    ['https://api.example/a b', 'characters'],
    ['https://api.example/\0', 'characters'],
    ['https://bücher.example/', 'characters'],
    ['https://api.example/"x"', 'characters'],
    ['https://api.example\\', 'characters'],
    [`https://api.example/${'a'.repeat(3000)}`, 'too_long'],
  ])('refuses %j as %s', (uri, problem) => {
    expect(checkResource(uri)).toEqual({ problem })
  })
})

describe('sameResource (RFC 3986 §6.2)', () => {
  it.each([
    ['https://api.example', 'https://api.example/'],
    ['https://api.example', 'HTTPS://API.Example:443/'],
    ['http://localhost:80/mcp', 'http://localhost/mcp'],
    ['https://api.example?x', 'https://api.example/?x'],
    ['urn:a', 'urn:a'],
  ])('%s is %s', (a, b) => {
    expect(sameResource(a, b)).toBe(true)
    expect(sameResource(b, a)).toBe(true)
  })

  it.each([
    ['https://api.example/mcp', 'https://api.example/mcp/'],
    ['https://api.example/mcp', 'https://api.example/MCP'],
    ['https://api.example', 'http://api.example'],
    ['https://api.example', 'https://api.example:8443'],
    ['https://api.example', 'https://api.example/?'],
    ['https://api.example', 'https://x@api.example'],
    ['https://api.example/%7Ea', 'https://api.example/~a'],
    ['urn:a', 'URN:a'],
    ['api://notes', 'api://notes/'],
    ['', 'https://api.example'],
  ])('%s is not %s', (a, b) => {
    expect(sameResource(a, b)).toBe(false)
  })

  it('is an equivalence and never throws', () => {
    const uri = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom('https://a.example', 'https://A.example/', 'https://a.example:443'),
    )
    fc.assert(
      fc.property(uri, uri, uri, (a, b, c) => {
        expect(sameResource(a, a)).toBe(true)
        expect(sameResource(a, b)).toBe(sameResource(b, a))
        if (sameResource(a, b) && sameResource(b, c)) expect(sameResource(a, c)).toBe(true)
        checkResource(a)
      }),
    )
  })
})
