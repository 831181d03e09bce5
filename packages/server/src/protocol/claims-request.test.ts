import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseClaimsRequest } from './claims-request.ts'
import { isProblem } from './types.ts'

/** Without null prototypes, for comparing. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('parseClaimsRequest (OIDC Core §5.5)', () => {
  it('reads the example of the section', () => {
    const request = parseClaimsRequest(`{
      "userinfo": { "given_name": {"essential": true}, "nickname": null, "picture": null,
                    "http://example.info/claims/groups": null },
      "id_token": { "auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]},
                    "sub": {"value": "248289761001"} } }`)
    expect(plain(request)).toEqual({
      userinfo: {
        given_name: { essential: true },
        nickname: { essential: false },
        picture: { essential: false },
        'http://example.info/claims/groups': { essential: false },
      },
      id_token: {
        auth_time: { essential: true },
        acr: { essential: false, values: ['urn:mace:incommon:iap:silver'] },
        sub: { essential: false, value: '248289761001' },
      },
    })
  })

  it('ignores what it does not know', () => {
    const request = parseClaimsRequest('{"verified":5,"id_token":{"acr":{"purpose":"x","essential":true}}}')
    expect(plain(request)).toEqual({ userinfo: {}, id_token: { acr: { essential: true } } })
  })

  it('knows __proto__ as an ordinary claim', () => {
    const request = parseClaimsRequest(
      '{"userinfo":{"__proto__":{"essential":true}},"__proto__":{"id_token":{"a":null}}}',
    )
    if (isProblem(request)) throw new Error(request.problem)
    expect(Object.keys(request.userinfo)).toEqual(['__proto__'])
    expect(Object.keys(request.id_token)).toEqual([])
    expect(Object.getPrototypeOf(request.userinfo)).toBeNull()
  })

  it.each([
    ['', 'not_json'],
    ['{', 'not_json'],
    ['{"userinfo":{}}x', 'not_json'],
    ['undefined', 'not_json'],
    ['null', 'not_an_object'],
    ['[]', 'not_an_object'],
    ['"x"', 'not_an_object'],
    ['5', 'not_an_object'],
    ['{"userinfo":5}', 'wrong_member'],
    ['{"id_token":[]}', 'wrong_member'],
    ['{"userinfo":{"email":true}}', 'wrong_member'],
    ['{"userinfo":{"email":[]}}', 'wrong_member'],
    ['{"userinfo":{"email":{"essential":"true"}}}', 'wrong_member'],
    ['{"userinfo":{"email":{"values":"x"}}}', 'wrong_member'],
    [`{"userinfo":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`, 'too_deep'],
    ['['.repeat(8000), 'too_deep'],
    ['['.repeat(1_000_000), 'too_large'],
    [`{"userinfo":{"${'a'.repeat(9000)}":null}}`, 'too_large'],
  ])('AZ-31: refuses %j as %s', (json, problem) => {
    expect(parseClaimsRequest(json)).toEqual({ problem })
  })

  it('counts no bracket inside a string', () => {
    expect(
      isProblem(parseClaimsRequest(`{"userinfo":{"${'[{'.repeat(50)}\\"${'['.repeat(50)}":null}}`)),
    ).toBe(false)
  })

  it('reads back what it gave, and never throws', () => {
    const claim = fc.record(
      { essential: fc.boolean(), value: fc.jsonValue(), values: fc.array(fc.jsonValue()) },
      { requiredKeys: ['essential'] },
    )
    const member = fc.dictionary(fc.string(), claim, { maxKeys: 5 })
    fc.assert(
      fc.property(fc.record({ userinfo: member, id_token: member }), (request) => {
        const json = JSON.stringify(request)
        const parsed = parseClaimsRequest(json)
        if (isProblem(parsed)) expect(['too_large', 'too_deep']).toContain(parsed.problem)
        else expect(plain(parsed)).toEqual(JSON.parse(json))
      }),
    )
    const junk = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.constantFrom('{', '}', '"', ':', '\\', 'userinfo', ',')).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(junk, (json) => void parseClaimsRequest(json)),
      { numRuns: 1000 },
    )
  })
})
