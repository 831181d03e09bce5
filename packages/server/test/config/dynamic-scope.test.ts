import { describe, expect, it } from 'vitest'
import { aClient, aConfig, problemsOf, type Workspace } from './support.ts'

const WORKSPACE = 'tenants[0].workspaces[0]'
const problems = (workspace: Partial<Workspace>) => problemsOf(aConfig(workspace))
const TRANSFERS = { name: 'transfers.{account}', description: 'Transfer money from account {account}' }

describe('dynamic scopes in the configuration', () => {
  it('S3-25 S3-26 are declared as patterns; clients, resources and the default scope may name values', () => {
    expect(
      problems({
        scopes: [TRANSFERS, { name: 'transfers.all' }, { name: 'close/{bank}/{account}' }],
        default_scope: 'openid transfers.12345',
        resources: [{ identifier: 'https://bank.example', scopes: ['transfers.{account}', 'close/a/1'] }],
        clients: [aClient({ scope: 'openid transfers.{account} close/a/1' })],
      }),
    ).toEqual([])
  })

  it.each([
    ['a.{b', /stands alone here/],
    ['a.{b}}', /stands alone here/],
    ['a.{B}', /named by lower-case letters/],
    ['a.{}', /named by lower-case letters/],
    ['a.{b}.{b}', /different names/],
    ['a.{b}.{c}.{d}.{e}.{f}', /at most 4 placeholders/],
    ['{b}', /text before the first placeholder/],
    ['a.{b}:{c}', /no value can hold/],
  ])('refuses the pattern %s and says why', (name, why) => {
    expect(problems({ scopes: [{ name }] })).toEqual([expect.stringMatching(why)])
    expect(problems({ scopes: [{ name }] })[0]).toContain(`${WORKSPACE}.scopes[0].name`)
  })

  it('refuses two patterns that match the same scope, and names both', () => {
    const [problem, ...others] = problems({ scopes: [TRANSFERS, { name: 'transfers.x{y}' }] })
    expect(others).toEqual([])
    expect(problem).toContain('"transfers.x{y}"')
    expect(problem).toContain('"transfers.{account}"')
    expect(problems({ scopes: [TRANSFERS, { name: 'payments.{account}' }] })).toEqual([])
  })

  it('refuses a description with a placeholder that the pattern does not have', () => {
    const [problem] = problems({ scopes: [{ ...TRANSFERS, description: 'From {acount}' }] })
    expect(problem).toContain('{acount}')
    expect(problem).toContain('Did you mean "account"?')
    expect(problems({ scopes: [{ name: 'notes:read', description: 'Read {all} notes' }] })).toEqual([])
  })

  it('refuses a pattern without its value as a default scope', () => {
    const [problem] = problems({ scopes: [TRANSFERS], default_scope: 'openid transfers.{account}' })
    expect(problem).toContain('without its value')
    expect(problem).toContain('transfers.12345')
  })

  it('refuses values that no pattern matches', () => {
    const [problem] = problems({ scopes: [TRANSFERS], clients: [aClient({ scope: 'openid transfers.1.2' })] })
    expect(problem).toContain('"transfers.1.2", which is not a scope of this workspace')
  })
})
