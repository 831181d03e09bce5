import { describe, expect, it } from 'vitest'
import { throughProxy } from '../../support/inject.ts'
import { forEachSharedStore } from '../../support/test-as.ts'

const ELSEWHERE = [
  '203.0.113.7',
  '192.168.1.20',
  '10.0.0.1',
  '2001:db8::7',
  '::ffff:192.168.1.20',
  '::',
] as const
const HERE = ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'] as const

forEachSharedStore((server) => {
  const get = async (from: string, path: string, host?: string) => {
    const answer = await throughProxy(server(), from)(`${host ?? server().server.url}${path}`, {})
    return { status: answer.status, text: await answer.text() }
  }
  const token = async (from: string) => {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'spa',
      code: 'made-up',
      code_verifier: 'x'.repeat(43),
    })
    const answer = await throughProxy(server(), from)(`${server().server.url}/oauth2/token`, {
      method: 'POST',
      body,
    })
    return (await answer.json()) as Record<string, unknown>
  }
  const wrongRedirect =
    '/oauth2/authorize?response_type=code&client_id=spa&redirect_uri=https%3A%2F%2Fapp.example%2Felsewhere'

  describe('development shows received, expected and fix to loopback peers only', () => {
    it.each(HERE)('in full to %s', async (from) => {
      expect(await token(from)).toMatchObject({
        reason: 'code_unknown',
        received: '7 characters',
        fix: expect.any(String),
      })
      expect((await get(from, wrongRedirect)).text).toContain('For the developer')
      expect((await get(from, '/')).status).toBe(200)
    })

    it.each(ELSEWHERE)('to %s no more than production does', async (from) => {
      const refused = await token(from)
      expect(refused).toMatchObject({ error: 'invalid_grant', flow: expect.stringMatching(/^flow_/) })
      for (const member of ['received', 'expected', 'fix', 'rule', 'param'])
        expect(refused).not.toHaveProperty(member)

      const page = await get(from, wrongRedirect)
      expect(page.status).toBe(400)
      expect(page.text).not.toContain('For the developer')
      expect(page.text).not.toContain('pixy explain')

      const misdirected = await get(from, '/', 'http://evil.example')
      expect(misdirected.status).toBe(421)
      expect(misdirected.text).not.toContain('received')
      expect(misdirected.text).not.toContain('expected')
    })

    it.each(ELSEWHERE)('and has no landing page for %s', async (from) => {
      expect((await get(from, '/')).status).toBe(404)
    })
  })
})
