import { describe, expect, it } from 'vitest'
import type { Explanation } from '../../src/admin-api/flows/explain.ts'
import type { FlowView } from '../../src/admin-api/flows/show.ts'
import { anInstallation, DEMO_PASSWORD, type Installation, pixy, pixyError, pixyJson } from './support.ts'

/** A token request that is refused, and the flow id that its answer names. */
async function refusedTokenRequest({ server }: Installation): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'demo-spa',
    code: 'x'.repeat(50),
  })
  const response = await fetch(`${server.url}/oauth2/token`, { method: 'POST', body })
  const { flow } = (await response.json()) as { flow: string }
  return flow
}

describe('pixy explain', () => {
  it('says what a running server has just refused', async () => {
    const installation = await anInstallation({ socket: true })
    const flow = await refusedTokenRequest(installation)
    const { refusal } = await pixyJson<Explanation>(installation.at('explain', flow))
    expect(refusal).toMatchObject({
      error: 'invalid_grant',
      reason: 'code_unknown',
      section: 'RFC 6749 §5.2',
      client_id: 'demo-spa',
      request: 'POST /oauth2/token',
      status: 400,
      fix: expect.stringContaining('Send the code of the redirect once'),
      error_uri: `${installation.server.url}/docs/errors/code_unknown`,
    })
  })

  it('says it from another process after the server has stopped', async () => {
    const installation = await anInstallation()
    const flow = await refusedTokenRequest(installation)
    await installation.stop()
    const { code, out } = await pixy(installation.at('explain', flow))
    expect(code).toBe(0)
    expect(out).toContain('✖ code_unknown')
    expect(out).toMatch(/rule +RFC 6749 §5\.2/)
  })

  it('takes the id of one event, and tells ids that are none from those that are unknown', async () => {
    const { at, ...installation } = await anInstallation({ socket: true })
    const flow = await refusedTokenRequest({ at, ...installation })
    const { refusal } = await pixyJson<Explanation>(at('explain', flow))
    expect(await pixyJson(at('explain', refusal?.event ?? ''))).toMatchObject({ flow })
    expect(await pixyError(2, at('explain', 'nonsense'))).toMatchObject({ reason: 'input_invalid' })
    expect(await pixyError(1, at('explain', 'flow_nothing'))).toMatchObject({ reason: 'flow_unknown' })
  })
})

describe('pixy flow', () => {
  it('shows a whole sign-in as a timeline, without a secret in it', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const login = [
      'login',
      '--headless',
      '--issuer',
      server.url,
      '--username',
      'demo@example.com',
      '--password-stdin',
    ]
    const { tokens } = await pixyJson<{ tokens: Record<string, string> }>(login, { stdin: DEMO_PASSWORD })
    const { exchanges } = await pixyJson<FlowView>(at('flow', 'list'))
    const flow = exchanges.find(({ kind }) => kind === 'token')?.flow ?? ''
    const shown = await pixyJson<FlowView>(at('flow', 'show', flow))
    expect(shown.exchanges.map(({ method, kind, status }) => `${method} ${kind} ${status}`)).toEqual([
      'GET authorize 303',
      'GET sign_in 200',
      'POST sign_in 303',
      'GET consent 200',
      'POST consent 303',
      'POST token 200',
    ])
    const { out } = await pixy(at('flow', 'show', flow))
    expect(out).toMatch(/├─ ✔ no redirect_uri_mismatch {2}RFC 9700 §2\.1/)
    expect(out).toMatch(/code_verifier +\(43 characters\)/)
    for (const secret of [DEMO_PASSWORD, ...Object.values(tokens)]) expect(out).not.toContain(secret)
  })

  it('shows what was received, expected and how to mend it', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const query = new URLSearchParams({
      client_id: 'demo-spa',
      redirect_uri: 'http://localhost:1/cb',
      response_type: 'code',
    })
    await fetch(`${server.url}/oauth2/authorize?${query}`, { redirect: 'manual' })
    const { exchanges } = await pixyJson<FlowView>(at('flow', 'list', '--refused', '--client', 'demo-spa'))
    const { out } = await pixy(at('flow', 'show', exchanges[0]?.flow ?? ''))
    expect(out).toContain('✖ redirect_uri_mismatch (redirect_uri)')
    expect(out).toMatch(/received {2}http:\/\/localhost:1\/cb/)
    expect(out).toMatch(/fix {7}The /)
  })

  it('lists only what was asked for', async () => {
    const installation = await anInstallation({ socket: true })
    await refusedTokenRequest(installation)
    const reasons = async (...flags: string[]) => {
      const { exchanges } = await pixyJson<FlowView>(installation.at('flow', 'list', ...flags))
      return exchanges.map(({ reason }) => reason)
    }
    expect(await reasons('--reason', 'code_unknown')).toEqual(['code_unknown'])
    expect(await reasons('--reason', 'code_expired')).toEqual([])
    expect(await reasons('--client', 'other')).toEqual([])
    expect((await reasons('--limit', '1')).length).toBe(1)
  })
})
