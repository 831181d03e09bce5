import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sendGuarded } from '../../src/adapters/fetcher.ts'
import { guardedFetch } from '../../src/adapters/openid-provider-fetch.ts'

vi.mock('node:dns/promises', async (original) => ({
  ...(await original<typeof import('node:dns/promises')>()),
  lookup: (name: string) =>
    name === 'slow.example' ? new Promise(() => {}) : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
}))

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(answers: boolean): Promise<string> {
  const server = createServer((_request, response) => {
    if (answers) response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `localhost:${(server.address() as AddressInfo).port}`
}

describe('the guarded way out', () => {
  it('does not wait for a name server longer than for the rest', async () => {
    const get = { method: 'GET', headers: {} }
    const asked = sendGuarded('https://slow.example/', get, { allowPrivate: [], timeoutMs: 20 })
    await expect(asked).rejects.toThrow('the host name is not resolved in time')
  })

  it('to a provider that hangs leaves the one to another open', async () => {
    const [hanging, well] = await Promise.all([serve(false), serve(true)])
    const fetch = guardedFetch([hanging, well])
    const get = { method: 'GET', headers: {}, body: undefined, redirect: 'manual' } as const
    const waiting = Array.from({ length: 120 }, () => fetch(`http://${hanging}/`, get))
    const settled = Promise.allSettled(waiting)
    expect((await fetch(`http://${well}/`, get)).status).toBe(200)
    for (const close of closing.splice(0)) close()
    const reasons = (await settled).map((one) => (one.status === 'rejected' ? String(one.reason) : ''))
    expect(reasons.filter((reason) => reason.includes('too many outbound requests'))).toHaveLength(95)
  })
})
