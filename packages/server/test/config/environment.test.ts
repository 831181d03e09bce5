import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../src/config/load.ts'
import { problemsOfAsync } from './support.ts'

const problems = (env: Record<string, string>) => problemsOfAsync(async () => readEnvironment(env))

describe('readEnvironment (contract §1)', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pixy-env-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const file = (text: string) => {
    const path = join(folder, `f${text.length}`)
    writeFileSync(path, text)
    return path
  }

  it('reads every variable', () => {
    expect(
      readEnvironment({
        PIXY_URL: 'https://auth.example',
        PIXY_PORT: '4100',
        PIXY_HOST: '0.0.0.0',
        PIXY_CONFIG: 'pixy.config.ts',
        PIXY_DATA: '/srv/pixy',
        PIXY_DATABASE_URL: 'sqlite:x.db',
        PIXY_SECRET: 'now',
        PIXY_SECRET_PREVIOUS: 'then',
        PIXY_SMTP_URL: 'smtps://mail.example',
        PIXY_MAIL_FROM: 'no-reply@auth.example',
        PIXY_TRUST_PROXY: '1',
        PIXY_LOG_LEVEL: 'warn',
        PIXY_METRICS_PORT: '9100',
        PATH: '/bin',
      }),
    ).toEqual({
      url: 'https://auth.example',
      port: 4100,
      host: '0.0.0.0',
      config: 'pixy.config.ts',
      data: '/srv/pixy',
      database: 'sqlite:x.db',
      secret: 'now',
      secretPrevious: 'then',
      smtpUrl: 'smtps://mail.example',
      mailFrom: 'no-reply@auth.example',
      trustProxy: 1,
      logLevel: 'warn',
      metricsPort: 9100,
    })
  })

  it('takes an empty variable for none', () => {
    expect(readEnvironment({ PIXY_URL: '', PIXY_SECRET_FILE: '' })).toEqual({})
  })

  it.each([
    ['true', true],
    ['false', false],
    ['2', 2],
    ['10.0.0.0/8,127.0.0.1', '10.0.0.0/8,127.0.0.1'],
  ])('reads PIXY_TRUST_PROXY=%s', (text, value) => {
    expect(readEnvironment({ PIXY_TRUST_PROXY: text })).toEqual({ trustProxy: value })
  })

  it('reads NAME_FILE without the line break at its end', () => {
    expect(readEnvironment({ PIXY_SECRET_FILE: file('from a file\r\n') })).toEqual({ secret: 'from a file' })
    expect(readEnvironment({ PIXY_PORT_FILE: file('4200\n') })).toEqual({ port: 4200 })
  })

  it('refuses NAME together with NAME_FILE, and a file that is not there', async () => {
    expect(await problems({ PIXY_SECRET: 'x', PIXY_SECRET_FILE: file('y') })).toEqual([
      'PIXY_SECRET_FILE: is set together with PIXY_SECRET. Keep one of the two.',
    ])
    expect(await problems({ PIXY_SECRET_FILE: join(folder, 'none') })).toEqual([
      expect.stringMatching(/^PIXY_SECRET_FILE: .*cannot be read \(ENOENT\)/),
    ])
  })

  it('refuses unknown names with the nearest known one, and leaves PIXY_TEST_ alone', async () => {
    expect(
      await problems({ PIXY_ULR: 'x', PIXY_TEST_STORE: 'x', PIXY_DATABASE: 'x', PIXY_WHATEVER_THIS_IS: '' }),
    ).toEqual([
      'PIXY_ULR: is not a variable that Pixy knows. Did you mean PIXY_URL?',
      expect.stringMatching(/^PIXY_DATABASE: is not a variable that Pixy knows\./),
      expect.stringMatching(/^PIXY_WHATEVER_THIS_IS: .* Known: PIXY_URL, PIXY_PORT/),
    ])
  })

  it('tells all problems at once, and no secret', async () => {
    const lines = await problems({
      PIXY_PORT: 'x',
      PIXY_METRICS_PORT: '70000',
      PIXY_LOG_LEVEL: 'loud',
      PIXY_SMTP_URL: 'user:geheim@x',
    })
    expect(lines).toEqual([
      'PIXY_PORT: received "x", expected a port from 0 to 65535.',
      'PIXY_SMTP_URL: received a string of 13 characters, expected smtp://… or smtps://….',
      'PIXY_LOG_LEVEL: received "loud", expected fatal, error, warn, info, debug, trace, silent.',
      'PIXY_METRICS_PORT: received "70000", expected a port from 0 to 65535.',
    ])
  })
})
