import { describe, expect, it } from 'vitest'
import type { createClient } from '../../../src/admin-api/clients/create.ts'
import { anInstallation, pixyError, pixyJson } from '../../cli/support.ts'
import { aClient, aConfig, problemsOf } from '../../config/support.ts'

const native = (uri: string, dialects: 'atm'[] = ['atm']) =>
  problemsOf(aConfig({ clients: [aClient({ application_type: 'native', redirect_uris: [uri], dialects })] }))

describe('the configuration of atm clients', () => {
  it('S0-02 takes MyApp:// of a native client', () => {
    expect(native('MyApp://')).toEqual([])
  })

  it('S0-02 strict: refuses MyApp:// without the dialect, and names a scheme that is right', () => {
    for (const problems of [
      native('MyApp://', []),
      problemsOf(
        aConfig({ clients: [aClient({ application_type: 'native', redirect_uris: ['MyApp://'] })] }),
      ),
    ])
      expect(problems.join()).toContain('such as com.example.app:/callback')
    expect(native('com.example.app:/callback', [])).toEqual([])
  })

  it('S0-02 strict: takes MyApp:// of no client that runs on the web, and no scheme that runs something', () => {
    const web = aClient({ application_type: 'web', redirect_uris: ['MyApp://'], dialects: ['atm'] })
    expect(problemsOf(aConfig({ clients: [web] })).join()).toContain('scheme_not_native')
    for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'intent://x'])
      expect(native(uri).join(), uri).toContain('forbidden_scheme')
  })

  it('S0-06 strict: an http url is refused in production, outside this machine', () => {
    const plain = { ...aConfig(), url: 'http://stg.token.example' }
    expect(problemsOf(plain, true).join()).toContain('expected https with --production')
    expect(problemsOf({ ...plain, url: 'https://stg.token.example' }, true)).toEqual([])
  })

  it('S0-22 strict: a public client with a secret is refused, and told to choose', () => {
    const both = aClient({ token_endpoint_auth_method: 'none', client_secret: 'x', dialects: ['atm'] })
    expect(problemsOf(aConfig({ clients: [both] })).join()).toContain(
      'A public client has none: remove client_secret',
    )
  })

  it('S0-41 needs an RS256 key in the workspace', () => {
    const clients = [aClient({ dialects: ['toki', 'atm'] })]
    const [problem, ...others] = problemsOf(aConfig({ signing_algs: ['ES256'], clients }))
    expect(others).toEqual([])
    expect(problem).toContain('clients[0].dialects[1]')
    expect(problem).toContain('Add "RS256" to signing_algs')
    for (const signing_algs of [undefined, ['RS256' as const], ['ES256' as const, 'RS256' as const]])
      expect(problemsOf(aConfig({ ...(signing_algs ? { signing_algs } : {}), clients }))).toEqual([])
    expect(
      problemsOf(aConfig({ signing_algs: ['ES256'], clients: [aClient({ dialects: ['toki'] })] })),
    ).toEqual([])
  })
})

describe('pixy client create', () => {
  it('S0-01 S0-21 S0-22 gives an application its id, and a confidential one its secret, once', async () => {
    const { at } = await anInstallation()
    type Created = Awaited<ReturnType<typeof createClient.run>>
    const uri = '--redirect-uri=https://app.example/callback'
    const web = await pixyJson<Created>(
      at(
        'client',
        'create',
        '--type',
        'web',
        '--dialect',
        'atm',
        '--set=token_endpoint_auth_method=client_secret_post',
        '--set=first_party=true',
        uri,
      ),
    )
    expect(web.client.client_id).toMatch(/^app_[A-Za-z0-9]{22}$/)
    expect(web.client_secret).toMatch(/^[A-Za-z0-9]{50}$/)
    expect(web.client.metadata).toMatchObject({ dialects: ['atm'], first_party: true })
    const spa = await pixyJson<Created>(at('client', 'create', '--type', 'spa', '--dialect', 'atm', uri))
    expect(spa).not.toHaveProperty('client_secret')
    expect(spa.client.client_id).not.toBe(web.client.client_id)
    const shown = await pixyJson<Created>(at('client', 'show', web.client.client_id))
    expect(JSON.stringify(shown)).not.toContain(web.client_secret)
  })

  it('S0-21 keeps an id that is given, such as one of the old system', async () => {
    const { at } = await anInstallation()
    const make = at('client', 'create', '--type', 'spa', '--id', 'OJJvmTmatjCOTuqBxur2', '--dialect', 'atm')
    expect(await pixyJson(make)).toMatchObject({ client: { client_id: 'OJJvmTmatjCOTuqBxur2' } })
    expect(await pixyError(1, make)).toMatchObject({ reason: 'client_taken' })
  })
})
