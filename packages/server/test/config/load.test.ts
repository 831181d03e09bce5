import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defineConfig, env } from '../../src/config/define-config.ts'
import { loadConfig, readConfigInput } from '../../src/config/load.ts'
import { problemsOfAsync } from './support.ts'

const run = promisify(execFile)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixy-load-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const json = (name: string, value: unknown) => write(name, JSON.stringify(value))
const load = (file: string | undefined, variables: Record<string, string> = {}, overrides = {}) =>
  loadConfig({ file, env: variables, overrides, production: false })

describe('loadConfig, precedence (contract §1)', () => {
  it('lets flags win over the environment, and that over the file', async () => {
    const file = json('a.json', {
      url: 'https://file.example',
      port: 1,
      data: 'file',
      trust_proxy: 1,
      mail: { from: 'a@b.example' },
    })
    const variables = {
      PIXY_URL: 'https://env.example',
      PIXY_PORT: '2',
      PIXY_SMTP_URL: 'smtp://mail.example',
    }
    expect(await load(file)).toMatchObject({
      url: 'https://file.example',
      port: 1,
      data: 'file',
      trust_proxy: 1,
    })
    expect(await load(file, variables)).toMatchObject({
      url: 'https://env.example',
      port: 2,
      data: 'file',
      mail: { from: 'a@b.example', smtp_url: 'smtp://mail.example' },
    })
    expect(await load(file, variables, { port: 3, data: undefined })).toMatchObject({
      url: 'https://env.example',
      port: 3,
      data: 'file',
    })
  })

  it('finds the file by PIXY_CONFIG, and --config wins', async () => {
    const variables = { PIXY_CONFIG: json('b.json', { url: 'https://b.example' }) }
    expect((await load(undefined, variables)).url).toBe('https://b.example')
    expect((await load(json('c.json', { url: 'https://c.example' }), variables)).url).toBe(
      'https://c.example',
    )
  })

  it('does without a file, and takes another’s in its place', async () => {
    expect(await load(undefined)).toMatchObject({ url_is_default: true })
    const input = { url: 'https://demo.example' }
    expect((await loadConfig({ input, env: {}, production: false })).url).toBe('https://demo.example')
    expect(await problemsOfAsync(() => loadConfig({ env: {}, production: true }))).toEqual([
      expect.stringMatching(/^--config: is missing/),
      expect.stringMatching(/^url: is missing/),
    ])
  })

  it('names the variable or flag that a wrong value came from, with the problems of the file', async () => {
    const file = json('d.json', { tenant: [], url: 'https://d.example' })
    expect(
      await problemsOfAsync(() => load(file, { PIXY_URL: 'nowhere', PIXY_PROT: '1' }, { port: 99_999 })),
    ).toEqual([
      'PIXY_PROT: is not a variable that Pixy knows. Did you mean PIXY_PORT?',
      expect.stringMatching(/^PIXY_URL: received "nowhere", expected scheme and host/),
      '--port: received 99999, expected a port from 0 to 65535.',
      'tenant: is not a member that Pixy knows. Did you mean "tenants"?',
    ])
  })
})

describe('loadConfig, files', () => {
  it('loads TypeScript, and a changed file again', async () => {
    const definition = JSON.stringify(
      fileURLToPath(new URL('../../src/config/define-config.ts', import.meta.url)),
    )
    const source = (url: string) =>
      `import { defineConfig } from ${definition}\nconst url: string = '${url}'\nexport default defineConfig({ url })\n`
    const file = write('pixy.config.ts', source('https://ts.example'))
    expect((await load(file)).url).toBe('https://ts.example')
    write('pixy.config.ts', source('https://ts2.example'))
    utimesSync(file, new Date(), new Date(Date.now() + 5000))
    expect((await load(file)).url).toBe('https://ts2.example')
  })

  it('needs nothing but Node for TypeScript', async () => {
    const file = write(
      'native.config.ts',
      "const url: string = 'https://native.example'\nexport default { url }\n",
    )
    const loader = JSON.stringify(new URL('../../src/config/load.ts', import.meta.url).href)
    const script = `const { loadConfig } = await import(${loader})
      const config = await loadConfig({ file: ${JSON.stringify(file)}, env: {}, production: false })
      process.stdout.write(config.url)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout).toBe('https://native.example')
  })

  it.each([
    ['none.json', undefined, /none\.json: cannot be read \(ENOENT\)/],
    ['pixy.yaml', 'a: 1', /pixy\.yaml: received a name that ends in "\.yaml", expected \.json, \.ts/],
    ['broken.json', '{ "url": ', /broken\.json: is not valid JSON: /],
    ['comment.json', '{\n  // hello\n  "url": "https://a.example"\n}', /JSON has no comments/],
    ['list.json', '[]', /^configuration: received a list/],
    ['none.mjs', 'export const url = 1', /none\.mjs: has no default export/],
    ['broken.mjs', 'export default {', /broken\.mjs: cannot be loaded: /],
    ['throws.mjs', 'throw new Error("no network\\nhere")', /throws\.mjs: cannot be loaded: no network here/],
  ])('refuses %s', async (name, text, line) => {
    if (text !== undefined) write(name, text)
    const problems = await problemsOfAsync(() => load(join(folder, name)))
    expect(problems).toEqual([expect.stringMatching(line)])
  })

  it('reads a byte order mark away', async () => {
    expect((await load(write('bom.json', '\uFEFF{"url":"https://bom.example"}'))).url).toBe(
      'https://bom.example',
    )
  })
})

describe('secrets of the file', () => {
  const config = (client_secret: string, password: string) => ({
    tenants: [
      {
        id: 'acme',
        workspaces: [
          {
            id: 'main',
            clients: [{ client_id: 'web', redirect_uris: ['https://a.example/cb'], client_secret }],
            users: [{ username: 'a', password, claims: { value: 'env:NOT_A_SECRET' } }],
          },
        ],
      },
    ],
  })

  it('come from the environment or from a file beside it', async () => {
    write('password.txt', 'from a file\n')
    const file = json('secrets.json', config('env:WEB_SECRET', 'file:password.txt'))
    const workspace = (await load(file, { WEB_SECRET: 'from the environment' })).tenants?.[0]?.workspaces?.[0]
    expect(workspace?.clients?.[0]?.client_secrets).toEqual([
      { value: 'from the environment', expires_at: 0 },
    ])
    expect(workspace?.users?.[0]).toMatchObject({
      password: 'from a file',
      claims: { value: 'env:NOT_A_SECRET' },
    })
    expect(await readConfigInput(file, { WEB_SECRET: 's' })).toMatchObject(config('s', 'from a file'))
  })

  it('are told where they are missing', async () => {
    const file = json('missing.json', config('env:WEB_SECRET', 'file:nowhere.txt'))
    expect(await problemsOfAsync(() => load(file))).toEqual([
      'tenants[0].workspaces[0].clients[0].client_secret: received "env:WEB_SECRET", but the variable is not set. Set WEB_SECRET.',
      expect.stringMatching(
        /users\[0\]\.password: received "file:nowhere\.txt", which cannot be read \(ENOENT\)/,
      ),
    ])
  })
})

describe('defineConfig and env', () => {
  afterEach(() => {
    delete process.env.PIXY_TEST_VALUE
  })

  it('gives back what it gets', () => {
    const config = { url: 'https://a.example' }
    expect(defineConfig(config)).toBe(config)
  })

  it('reads a variable, or its fallback', async () => {
    expect(env('PIXY_TEST_VALUE', 'x')).toBe('x')
    expect(await problemsOfAsync(async () => env('PIXY_TEST_VALUE'))).toEqual([
      expect.stringMatching(/^PIXY_TEST_VALUE: is not set\./),
    ])
    process.env.PIXY_TEST_VALUE = 'y'
    expect(env('PIXY_TEST_VALUE', 'x')).toBe('y')
  })
})
