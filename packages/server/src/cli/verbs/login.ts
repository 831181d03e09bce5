import { setTimeout } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { wholeNumber } from '../flags.ts'
import type { Http } from '../login/http.ts'
import type { Agent, LoginRequest, LoginResult } from '../login/login.ts'
import { findPlace } from '../place.ts'
import { issuersOfServer } from '../running-server.ts'
import { readSecret } from '../secrets-in.ts'
import { printable } from '../terminal/table.ts'
import type { DefineVerb } from '../verbs.ts'

interface Flags {
  readonly issuer?: string
  readonly clientId: string
  readonly clientSecretFile?: string
  readonly scope: string
  readonly resource?: string
  readonly redirectUri?: string
  readonly device?: true
  readonly headless?: true
  readonly username?: string
  readonly passwordStdin?: true
  readonly passwordFile?: string
  readonly showTokens?: true
  /** `--no-browser` */
  readonly browser: boolean
  readonly timeout: number
}

/** `pixy login`: a native client (RFC 8252) that shows what it does. */
export const define: DefineVerb = (command, run) => {
  command
    .description(
      'Signs in as a native client: code + PKCE, answered on a loopback port. Shows each request, and the tokens decoded and verified. With --json the raw tokens are in the member tokens.',
    )
    .option('--issuer <url>', 'issuer (that of the server running here, else http://localhost:4000)')
    .option('--client-id <id>', 'client', 'pixy-cli')
    .option('--client-secret-file <file>', 'file with its secret, for a confidential client')
    .option('--scope <names>', 'scopes, in quotes', 'openid profile email offline_access')
    .option('--resource <uri>', 'the API that the access token is for (RFC 8707)')
    .option('--redirect-uri <uri>', 'a registered one, where the client has no loopback address')
    .option('--show-tokens', 'print the tokens themselves too')
    .option('--no-browser', 'only print the address to open')
    .option('--timeout <seconds>', 'how long to wait for the browser', wholeNumber(1, 3600), 300)
    .option('--device', 'show a code to enter on another device (RFC 8628), where this one has no browser')
    .option('--headless', 'sign in without a browser, by the forms of the pages; allows every scope')
    .option('--username <name>', 'whom to sign in, with --headless')
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read the password from a file')
    .action(run(login))
}

async function login(context: Context, flags: Flags): Promise<void> {
  const [{ Http }, { logIn }, { loginJson, loginText }] = await Promise.all([
    import('../login/http.ts'),
    import('../login/login.ts'),
    import('../login/report.ts'),
  ])
  const request: LoginRequest = {
    issuer: flags.issuer ?? (await runningIssuer(context)),
    clientId: flags.clientId,
    clientSecret: await clientSecret(context, flags),
    scope: flags.scope,
    resource: flags.resource,
  }
  const http = new Http()
  const report = (result: LoginResult) => {
    const text = () => loginText(context.terminal, request, result, http.sent, flags.showTokens ?? false)
    context.result(loginJson(request, result, http.sent), text, result.tokens.access_token)
  }
  if (flags.device) return report(await onAnotherDevice(context, flags, http, request))
  const { agent, close } = await chooseAgent(context, flags, http)
  try {
    report(await logIn(http, request, agent))
  } finally {
    close()
  }
}

async function clientSecret(
  context: Context,
  { clientSecretFile: file }: Flags,
): Promise<string | undefined> {
  return file === undefined ? undefined : readSecret(context, { what: 'client-secret', file })
}

async function onAnotherDevice(
  { terminal }: Context,
  flags: Flags,
  http: Http,
  request: LoginRequest,
): Promise<LoginResult> {
  if (flags.headless || flags.username !== undefined || flags.redirectUri !== undefined) {
    throw new UsageError('--device goes with none of --headless, --username and --redirect-uri')
  }
  const { logInOnAnotherDevice } = await import('../login/device.ts')
  return logInOnAnotherDevice(http, request, {
    timeout: flags.timeout,
    // Not a note: without the code nobody could go on.
    show: ({ userCode, verificationUri }) =>
      terminal.err(
        `Open this on a phone or computer, and enter the code:\n  ${printable(verificationUri)}\n  ${terminal.colors.bold(printable(userCode))}\n`,
      ),
    pause: (seconds) => setTimeout(seconds * 1000),
  })
}

async function chooseAgent(
  context: Context,
  flags: Flags,
  http: Http,
): Promise<{ readonly agent: Agent; close(): void }> {
  if (flags.headless) return { agent: await robotAgent(context, flags, http), close: () => {} }
  if (flags.username !== undefined)
    throw new UsageError('--username goes with --headless: a browser asks for it itself')
  const [{ listenOnLoopback }, { openBrowser }] = await Promise.all([
    import('../login/loopback.ts'),
    import('../login/browser.ts'),
  ])
  const { port, path } = loopbackAddress(flags.redirectUri)
  const loopback = await listenOnLoopback(port, path)
  const agent: Agent = {
    redirectUri: flags.redirectUri ?? loopback.redirectUri,
    authorize(url, state) {
      const opened = flags.browser && openBrowser(url, context.terminal.env)
      // Not a note: without the address nobody could go on.
      context.terminal.err(`${opened ? 'Your browser opens' : 'Open'}:\n  ${url}\n`)
      return loopback.wait(state, flags.timeout * 1000)
    },
  }
  return { agent, close: () => loopback.close() }
}

/** Nobody listens there: the robot sees the redirect and goes no further. */
const HEADLESS_REDIRECT = 'http://127.0.0.1:53682/callback'

async function robotAgent(context: Context, flags: Flags, http: Http): Promise<Agent> {
  const { username } = flags
  if (username === undefined) throw new UsageError('--headless needs --username NAME')
  const source = { what: 'password', stdin: flags.passwordStdin, file: flags.passwordFile }
  const password = await readSecret(context, source)
  const { signInByForms } = await import('../login/robot.ts')
  const redirectUri = flags.redirectUri ?? HEADLESS_REDIRECT
  return {
    redirectUri,
    authorize: (authorizationUrl) =>
      signInByForms({ http, authorizationUrl, redirectUri, username, password }),
  }
}

/** Where to listen for a redirect URI that was given: it must be on this machine, with a port. */
function loopbackAddress(redirectUri: string | undefined): { readonly port: number; readonly path?: string } {
  if (redirectUri === undefined) return { port: 0 }
  const url = URL.parse(redirectUri)
  if (url?.protocol === 'http:' && url.port !== '' && /^(?:127\.0\.0\.1|localhost)$/.test(url.hostname)) {
    return { port: Number(url.port), path: url.pathname }
  }
  throw new UsageError(
    '--redirect-uri must be http://127.0.0.1:PORT/… to be answered here; any other takes --headless',
  )
}

const DEFAULT_ISSUER = 'http://localhost:4000'

/** The one issuer of the server that runs on this data folder: its port may have moved. */
async function runningIssuer(context: Context): Promise<string> {
  const place = await findPlace(context)
  if (place.env.url !== undefined) return place.env.url
  const [first, second] = (await issuersOfServer(place)) ?? []
  if (second !== undefined) {
    throw new UsageError(
      'The server has several issuers: say which one with --issuer (pixy tenant list shows them)',
    )
  }
  return first ?? DEFAULT_ISSUER
}
