import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CreatedClient } from '../../src/admin-api/clients/create.ts'
import type { ClientDeviations } from '../../src/admin-api/clients/deviations.ts'
import type { ShownClient } from '../../src/admin-api/clients/show.ts'
import { deviations as known } from '../../src/dialects/dialects.ts'
import { anInstallation, DEMO_PASSWORD, type Installation, pixy, pixyError, pixyJson } from './support.ts'

const DAY = 86_400
const HEX = 'atm_hex_challenge'

const legacy = (at: Installation['at'], ...more: string[]) =>
  pixyJson<CreatedClient>(
    at('client', 'create', '--type', 'web', '--id', 'legacy', '--dialect', 'atm', ...more),
  )

/** The client went its own way so long ago. */
function uses({ server }: Installation, deviation: string, ago: number, count = 1): void {
  const { clock, deviations } = server.pixy.deps
  for (let use = 0; use < count; use++) deviations.record('demo:main', 'legacy', deviation, clock.now() - ago)
}

describe('dialects of a client', () => {
  it('are given, added and taken by name', async () => {
    const { at } = await anInstallation()
    expect((await legacy(at)).client.metadata.dialects).toEqual(['atm'])
    const update = async (...flags: string[]) =>
      (await pixyJson<CreatedClient>(at('client', 'update', 'legacy', ...flags))).client.metadata.dialects
    expect(await update('--add-dialect', 'toki', '--add-dialect', 'tapkey')).toEqual([
      'atm',
      'toki',
      'tapkey',
    ])
    expect(await update('--remove-dialect', 'atm', '--remove-dialect', 'toki')).toEqual(['tapkey'])
    expect(await update('--dialect', 'cloudentity')).toEqual(['cloudentity'])
    expect((await pixy(at('client', 'show', 'legacy'))).out).toMatch(/dialects +cloudentity\n/)
  })

  it('are names that there are, and those of the file are changed there', async () => {
    const { at } = await anInstallation()
    await legacy(at)
    const wrong = await pixyError(1, at('client', 'update', 'legacy', '--add-dialect', 'tapkee'))
    expect(wrong).toMatchObject({ reason: 'client_metadata_invalid' })
    expect(JSON.stringify(wrong.problems)).toMatch(/dialects\[1\].*tapkey/)
    expect(await pixyError(1, at('client', 'update', 'legacy', '--remove-dialect', 'toki'))).toMatchObject({
      reason: 'client_member_missing',
    })
    const owned = await pixyError(1, at('client', 'update', 'demo-spa', '--add-dialect', 'atm'))
    expect(owned).toMatchObject({ reason: 'file_owned' })
    expect(owned.fix).toContain('clients[demo-spa].dialects')
  })

  it('that allow what a client has cannot be taken while it has it', async () => {
    const { at } = await anInstallation()
    const reuse = '--set=refresh_token={"policy":"reuse"}'
    const spa = at('client', 'create', '--type', 'spa', '--id', 'legacy', reuse)
    await pixyJson([...spa, '--dialect', 'tapkey'])
    const refused = await pixyError(1, at('client', 'update', 'legacy', '--remove-dialect', 'tapkey'))
    expect(JSON.stringify(refused.problems)).toContain('refresh_token.policy')
  })
})

describe.each([
  { where: 'by the socket of the running server', socket: true },
  { where: 'on the database', socket: false },
])('pixy client deviations, $where', ({ socket }) => {
  it('counts each kind with its first and last use, and forgets them with --reset', async () => {
    const installation = await anInstallation({ socket })
    const { at, server } = installation
    await legacy(at)
    uses(installation, HEX, 3 * DAY, 40)
    uses(installation, HEX, 3600)
    uses(installation, 'atm_short_verifier', 5 * DAY)
    if (!socket) await server.pixy.deps.deviations.flush()

    const listed = await pixyJson<ClientDeviations>(at('client', 'deviations', 'legacy'))
    expect(listed).toMatchObject({
      client_id: 'legacy',
      dialects: ['atm'],
      unused_dialects: [],
      reset: false,
    })
    expect(
      listed.deviations.map(({ deviation, count, first_used_at, last_used_at }) => [
        deviation,
        count,
        Math.round((listed.now - first_used_at) / 3600),
        Math.round((listed.now - last_used_at) / 3600),
      ]),
    ).toEqual([
      [HEX, 41, 3 * 24, 1],
      ['atm_short_verifier', 1, 5 * 24, 5 * 24],
    ])
    const shown = await pixyJson<ShownClient>(at('client', 'show', 'legacy'))
    expect(shown.deviations).toBe(2)
    expect((await pixy(at('client', 'show', 'legacy'))).out).toContain('2: pixy client deviations legacy')

    const { out } = await pixy(at('client', 'deviations', 'legacy'))
    expect(out).toMatch(/^DEVIATION +USES +FIRST +LAST\n/)
    expect(out).toMatch(/atm_hex_challenge +41 +3 days( \d+ (s|min))? ago +1 h( \d+ (s|min))? ago\n/)
    expect(out).toMatch(/2 deviations left, last use 1 h( \d+ (s|min))? ago\.\n$/)

    expect((await pixy(at('client', 'deviations', 'legacy', '--reset'))).code).toBe(2)
    const reset = await pixyJson<ClientDeviations>(at('client', 'deviations', 'legacy', '--reset', '--yes'))
    expect(reset).toMatchObject({ reset: true, deviations: [{ count: 41 }, { count: 1 }] })
    expect(await pixyJson(at('client', 'deviations', 'legacy'))).toMatchObject({ deviations: [] })
  })
})

describe('pixy client deviations', () => {
  it('says of each what the client does, which rule that breaks, and what to change', async () => {
    const installation = await anInstallation({ socket: true })
    await legacy(installation.at)
    const [[id, { summary, rule, fix }]] = [...known] as [[string, NonNullable<ReturnType<typeof known.get>>]]
    uses(installation, id, 0)
    const { deviations } = await pixyJson<ClientDeviations>(installation.at('client', 'deviations', 'legacy'))
    expect(deviations).toMatchObject([{ deviation: id, dialect: id.split('_')[0], summary, rule, fix }])
    const { out } = await pixy(installation.at('client', 'deviations', 'legacy'))
    for (const text of [summary, rule, fix]) expect(out).toContain(text)
  })

  it('counts what a client of the demo really sends', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const request = {
      clientId: 'demo-atm',
      loginId: 'demo@example.com',
      password: DEMO_PASSWORD,
      code_challenge: createHash('sha256').update('123456789').digest('hex'),
      code_challenge_method: 'SHA256',
    }
    const headers = { 'content-type': 'application/json' }
    const send = () => fetch(`${server.url}/auth`, { method: 'POST', headers, body: JSON.stringify(request) })
    expect([(await send()).status, (await send()).status]).toEqual([200, 200])
    const { deviations } = await pixyJson<ClientDeviations>(at('client', 'deviations', 'demo-atm'))
    expect(deviations).toContainEqual(expect.objectContaining({ deviation: HEX, count: 2 }))
    for (const { summary, rule, fix } of deviations) expect([summary, rule, fix]).not.toContain(null)
    const { out } = await pixy(at('client', 'show', 'demo-atm'))
    expect(out).toMatch(/dialects +atm\n/)
    expect(out).toContain(`${deviations.length}: pixy client deviations demo-atm`)

    // The configuration owns it, so no command can.
    server.clock.advance(31 * DAY)
    const later = await pixy(at('client', 'deviations', 'demo-atm'))
    expect(later.out).toContain(
      'Nothing in the dialect was used for 30 days: take atm out of its dialects in the configuration file',
    )
  })

  it('names the command that makes the client strict once nothing was used for 30 days', async () => {
    const installation = await anInstallation({ socket: true })
    const { at, server } = installation
    await legacy(at, '--dialect', 'toki')
    uses(installation, HEX, 0)
    server.clock.advance(29 * DAY)
    uses(installation, 'toki_user_id', 0)
    expect((await pixy(at('client', 'deviations', 'legacy'))).out).toMatch(
      /2 deviations left, last use (now|\d+ s ago)/,
    )

    server.clock.advance(2 * DAY)
    const { out } = await pixy(at('client', 'deviations', 'legacy'))
    expect(out).toMatch(/1 deviation left, last use 2 days( \d+ (s|min))? ago/)
    const line =
      /Nothing in the dialect was used for 30 days: pixy (client update legacy --remove-dialect atm)\n/
    const command = line.exec(out)?.[1] ?? ''
    expect((await pixy(at(...command.split(' ')))).code).toBe(0)

    server.clock.advance(40 * DAY)
    expect((await pixy(at('client', 'deviations', 'legacy'))).out).toContain(
      'Nothing in the dialect was used for 30 days: pixy client update legacy --remove-dialect toki',
    )
    await pixyJson(at('client', 'update', 'legacy', '--remove-dialect', 'toki'))
    expect((await pixy(at('client', 'deviations', 'legacy'))).out).toContain('The client is strict now')
  })

  it('does not take a client that nobody has used yet for one that can do without', async () => {
    const { at } = await anInstallation({ socket: true })
    await legacy(at)
    const { out } = await pixy(at('client', 'deviations', 'legacy'))
    expect(out).toContain('Nothing was counted so far. When the client has been used and nothing is')
    expect((await pixy(at('client', 'deviations', 'demo-spa'))).out).toContain('speaks no dialect')
    expect(await pixyError(1, at('client', 'deviations', 'nobody'))).toMatchObject({
      reason: 'client_unknown',
    })
  })

  it('forgets what was counted when the client is deleted, and when a test server is reset', async () => {
    const installation = await anInstallation({ socket: true })
    const { at, server } = installation
    await legacy(at)
    uses(installation, HEX, 0)
    await pixyJson(at('client', 'delete', 'legacy', '--yes'))
    await legacy(at)
    expect(await pixyJson(at('client', 'deviations', 'legacy'))).toMatchObject({ deviations: [] })

    server.pixy.deps.deviations.record('demo:main', 'demo-web', HEX, server.clock.now())
    expect((await fetch(`${server.url}/__test/reset`, { method: 'POST' })).status).toBe(200)
    expect(await pixyJson(at('client', 'deviations', 'demo-web'))).toMatchObject({ deviations: [] })
  })
})
