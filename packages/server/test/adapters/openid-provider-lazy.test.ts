import { expect, it, vi } from 'vitest'
import { startTestServer } from '../../src/test-server.ts'

const read = vi.hoisted(() => ({ times: 0 }))
vi.mock('openid-client', (original) => {
  read.times += 1
  return original()
})

it('a server reads the OpenID client when the first person goes to a provider, and once', async () => {
  const server = await startTestServer()
  try {
    expect(read.times).toBe(0)
    const client = {
      issuer: 'https://127.0.0.1',
      clientId: 'x',
      clientSecret: null,
      redirectUri: 'https://x.example',
    }
    const request = { scope: 'openid', state: 's', nonce: 'n', codeChallenge: 'c', uiLocales: [] }
    for (let n = 0; n < 2; n++) {
      const asked = server.pixy.deps.providers.authorizationUrl(client, {
        ...request,
        ...{ prompt: null, maxAge: null, loginHint: null },
      })
      await expect(asked).rejects.toThrow('the address is not public')
    }
    expect(read.times).toBe(1)
  } finally {
    await server.close()
  }
})
