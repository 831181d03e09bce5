import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type ReadyInfo, readyBlock, readyLine, urlsOf } from '../../src/start/ready.ts'
import { expectGolden } from '../support/golden.ts'

const password = 'calm-otter-paints-violets-k7Qm4'
const served: ReadyInfo = {
  version: '1.2.3',
  development: false,
  url: 'https://auth.example',
  issuer: 'https://auth.example/acme/main',
  milliseconds: 412,
  database: 'SQLite /srv/pixy/pixy.db',
  keys: [{ kid: 'key_QA5B8AnOwhkdP9eC', alg: 'RS256' }],
}
const servers = {
  spa: 'http://localhost:4004',
  api: 'http://localhost:4005',
  username: 'demo@example.com',
  password,
}
const demo: ReadyInfo = {
  ...served,
  development: true,
  url: 'http://localhost:4003',
  issuer: 'http://localhost:4003',
  keys: [...served.keys, { kid: 'key_dYITgona3KPNc15z', alg: 'ES256' }],
  demo: servers,
  movedFrom: 4000,
}

const blockOf = (info: ReadyInfo) => stripVTControlCharacters(readyBlock(info))

describe('what pixy start prints', () => {
  it('on a terminal: on the first start, later, and in production', () => {
    const later = blockOf({ ...demo, demo: { ...servers, password: undefined } })
    expectGolden('start/ready.txt', [blockOf(demo), later, blockOf(served)].join('────\n'))
    expect(later).not.toContain(password)
  })

  it('names no address in the block that the line for programs does not name', () => {
    const shown = blockOf(demo).match(/https?:\/\/\S+/g) ?? []
    expect([demo.issuer, ...Object.values(urlsOf(demo))]).toEqual(expect.arrayContaining([...new Set(shown)]))
  })

  it('elsewhere: one line, with no secret in it', () => {
    expect(readyLine(demo)).not.toContain(password)
    expect(readyLine(demo)).not.toContain('\n')
    expect(JSON.parse(readyLine(demo))).toEqual({
      event: 'ready',
      url: demo.url,
      issuer: demo.issuer,
      urls: urlsOf(demo),
    })
  })
})
