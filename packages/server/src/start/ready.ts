import colors from 'picocolors'

/** What a started server tells, on a terminal as a block, else as one JSON line. */
export interface ReadyInfo {
  readonly version: string
  readonly development: boolean
  readonly url: string
  readonly issuer: string
  readonly milliseconds: number
  readonly database: string
  readonly keys: readonly { readonly kid: string; readonly alg: string }[]
  readonly demo?: {
    readonly spa: string
    readonly api: string
    readonly username: string
    /** On the first start of a data folder only. */
    readonly password: string | undefined
  }
  /** The default port was taken. */
  readonly movedFrom?: number
}

/** `{"event":"ready",…}`: no secret in it. */
export function readyLine(info: ReadyInfo): string {
  return JSON.stringify({ event: 'ready', url: info.url, issuer: info.issuer, urls: urlsOf(info) })
}

export function urlsOf({ issuer, url, demo }: ReadyInfo): Record<string, string> {
  return {
    discovery: `${issuer}/.well-known/openid-configuration`,
    jwks: `${issuer}/.well-known/jwks.json`,
    docs: `${url}/docs`,
    ...(demo ? { demo_spa: demo.spa, demo_api: demo.api } : {}),
  }
}

/** The block for people. Every address in it answers. */
export function readyBlock(info: ReadyInfo): string {
  const { bold, cyan, dim, green, yellow } = colors
  const mode = info.development ? 'development' : 'production'
  const title = `  ${bold(`pixy ${info.version}`)} · ${mode}`
  const lines = [
    '',
    `${title}${' '.repeat(Math.max(2, 62 - `  pixy ${info.version} · ${mode}`.length))}${green(`ready in ${(info.milliseconds / 1000).toFixed(1)} s`)}`,
    '',
    row('Issuer', cyan(info.issuer)),
    row('Discovery', cyan(`${info.issuer}/.well-known/openid-configuration`)),
    row('Docs', cyan(`${info.url}/docs`)),
  ]
  if (info.demo) lines.push('', ...demoLines(info.demo))
  const keys = info.keys.map(({ alg, kid }) => `${alg} ${kid}`).join(', ')
  lines.push('', row('Storage', info.database), row('Keys', keys))
  if (info.movedFrom !== undefined) lines.push(row('', yellow(`port ${info.movedFrom} was taken`)))
  if (info.development) {
    lines.push(
      '',
      yellow(
        `  ⚠ Development mode: ${info.url.startsWith('http:') ? 'plain http, ' : ''}details of refusals visible. Do not expose this port.`,
      ),
    )
  }
  lines.push(
    '',
    ...(info.demo ? [dim('  Log in from another terminal:  ./node_modules/.bin/pixy login')] : []),
    dim('  Ctrl-C stops the server'),
    '',
  )
  return `${lines.join('\n')}\n`
}

function demoLines(demo: NonNullable<ReadyInfo['demo']>): string[] {
  const { bold, cyan, dim } = colors
  const password = demo.password ?? dim('in first-run.json of the data folder')
  return [
    row('Demo SPA', `${cyan(demo.spa)}    client demo-spa      code + PKCE`),
    row('Demo API', `${cyan(demo.api)}    audience ${demo.api}`),
    row('Dialects', 'demo-atm  demo-toki  demo-tapkey  demo-cloudentity    docs/guides'),
    row(
      'Demo user',
      `${bold(demo.username)}         password  ${demo.password === undefined ? password : bold(password)}`,
    ),
  ]
}

function row(label: string, value: string): string {
  return `  ${label.padEnd(11)} ${value}`
}
