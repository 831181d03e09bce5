import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { CreatedClient } from '../../../src/admin-api/clients/create.ts'
import { aFolder, anInstallation, pixy, pixyError, pixyJson } from '../../cli/support.ts'
import { aClient, aConfig, type Client } from '../../config/support.ts'

const sliding = { policy: 'reuse', idle_lifetime: 7_776_000, absolute_lifetime: 0 } as const

async function check(client: Partial<Client>) {
  const file = join(aFolder(), 'pixy.json')
  writeFileSync(file, JSON.stringify(aConfig({ clients: [aClient(client)] })))
  const { code, out, err } = await pixy(['config', 'check', '--config', file])
  return { code, said: out + err }
}

describe.each(['toki', 'tapkey'])('the configuration of examples/systems/%s', (system) => {
  it('is valid as it is', async () => {
    const file = new URL(`../../../../../examples/systems/${system}/pixy.json`, import.meta.url)
    const { code, err } = await pixy(['config', 'check', '--config', fileURLToPath(file)])
    expect([code, err]).toEqual([0, ''])
  })
})

describe('refresh tokens that stay the same, in the configuration', () => {
  it('S2-32 S2-33 are allowed for a public client of the dialect, with 90 sliding days and no cap', async () => {
    expect((await check({ refresh_token: sliding, dialects: ['tapkey'] })).code).toBe(0)
    expect(
      (await check({ refresh_token: { ...sliding, absolute_lifetime: 31_536_000 }, dialects: ['tapkey'] }))
        .code,
    ).toBe(0)
  })

  it.each([
    ['no dialect', []],
    ['another one', ['toki']],
  ] as const)(
    'S2-33 strict: are exit 3 for a public client with %s, with what to do',
    async (_, dialects) => {
      const { code, said } = await check({ refresh_token: sliding, dialects: [...dialects] })
      expect(code).toBe(3)
      expect(said).toContain('received "reuse" for a public client')
      expect(said).toContain('use "rotate", add client_secret')
      expect(said).toContain('list the dialect tapkey')
    },
  )

  it('S2-33 strict: the dialect cannot be taken from a client that still reuses; with rotate it can', async () => {
    const { at } = await anInstallation()
    const { client } = await pixyJson<CreatedClient>(
      at(
        'client',
        'create',
        '--type',
        'native',
        '--set',
        'dialects=["tapkey"]',
        '--set',
        `refresh_token=${JSON.stringify(sliding)}`,
      ),
    )
    const id = client.client_id
    const refused = await pixyError(1, at('client', 'update', id, '--remove-dialect', 'tapkey'))
    expect(refused.reason).toBe('client_metadata_invalid')
    expect(JSON.stringify(refused)).toContain('list the dialect tapkey')
    const rotate = `refresh_token=${JSON.stringify({ ...sliding, policy: 'rotate' })}`
    const changed = await pixyJson<CreatedClient>(
      at('client', 'update', id, '--remove-dialect', 'tapkey', '--set', rotate),
    )
    expect(changed.client.metadata).toMatchObject({ dialects: [], refresh_token: { policy: 'rotate' } })
  })
})
