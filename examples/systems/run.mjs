#!/usr/bin/env node
// Runs a program of an older system against the demo tenant: node examples/systems/run.mjs toki
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

const USAGE = `node examples/systems/run.mjs SYSTEM [--url http://localhost:4000] [--data ./data]

  atm           signs in by password, exchanges the code, verifies the token, refreshes; prints each answer
  toki          TOKI's app with PKCE at http://localhost:8080/login
  toki-secret   TOKI's app with a client secret, at the same address
  tapkey        Tapkey's web application at http://localhost:44333/
  cloudentity   a single-page app of Cloudentity's at http://localhost:3000/

Start the server first: npm start. The secrets of the demo clients are read from first-run.json in its data folder.`

/**
 * What is started for a system: a program, its folder and its environment.
 *
 * @param {{url: string, first: Readonly<Record<string, string>>}} demo
 * @returns {Readonly<Record<string, {folder: string, args: string[], env: Record<string, string>}>>}
 */
export function programs({ url, first }) {
  const toki = {
    REDIRECT_URI: 'http://localhost:8080/callback',
    AUTH_ENDPOINT: `${url}/oauth2/authorize`,
    TOKEN_ENDPOINT: `${url}/oauth2/token`,
  }
  const open = ['--require', './preload.cjs']
  return {
    toki: {
      folder: 'toki',
      args: [...open, 'with-pkce.cjs'],
      env: { ...toki, CLIENT_ID: 'demo-toki' },
    },
    'toki-secret': {
      folder: 'toki',
      args: [...open, 'with-secret.cjs'],
      env: { ...toki, CLIENT_ID: 'demo-toki-secret', CLIENT_SECRET: first.demo_toki_secret ?? '' },
    },
    tapkey: {
      folder: 'tapkey',
      args: ['web-app.mjs'],
      env: { AUTH_SERVER: `${url}/`, CLIENT_ID: 'demo-tapkey' },
    },
    cloudentity: {
      folder: 'cloudentity',
      args: ['serve.js'],
      env: { AUTHORIZATION_SERVER: url, CLIENT_ID: 'demo-cloudentity' },
    },
  }
}

/** ATM's four programs, each with what the one before it printed. */
async function walkAtm({ url, first }) {
  const env = {
    ATM_URL: url,
    CLIENT_ID: 'demo-atm',
    CLIENT_SECRET: first.demo_atm_secret ?? '',
    LOGIN_ID: first.demo_username ?? '',
    PASSWORD: first.demo_password ?? '',
  }
  const { code } = await step('1. sign in', ['--require', './preload.cjs', 'login.cjs'], env)
  const tokens = await step('2. exchange the code', ['token.cjs'], { ...env, CODE: code })
  await step('3. verify the access token', ['verify.cjs'], { ...env, ACCESS_TOKEN: tokens.access_token })
  await step('4. refresh', ['refresh.cjs'], {
    ...env,
    REFRESH_TOKEN: tokens.refresh_token,
    ID_TOKEN: tokens.id_token,
  })
}

async function step(title, args, env) {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(here, 'atm'),
    env: { ...process.env, ...env },
  })
  console.log(`${title}\n${stdout}`)
  try {
    return JSON.parse(stdout)
  } catch {
    // The programs print whatever went wrong, and go on to exit 0.
    throw new Error(`${title}: the program did not print JSON. Is the server of ${env.ATM_URL} the demo?`)
  }
}

/** Reads what the first start wrote down. */
function readDemo({ url, data }) {
  const file = join(data, 'first-run.json')
  try {
    return { url: url.replace(/\/$/, ''), first: JSON.parse(readFileSync(file, 'utf8')) }
  } catch {
    throw new Error(
      `There is no ${file}. Start the demo with npm start, or name its data folder with --data.`,
    )
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: process.env.PIXY_URL ?? 'http://localhost:4000' },
      data: { type: 'string', default: join(root, 'data') },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [system, ...more] = positionals
  if (values.help) return console.log(USAGE)
  if (system === undefined || more.length > 0) return fail(USAGE, 2)
  const demo = readDemo(values)
  if (system === 'atm') return walkAtm(demo)
  const program = programs(demo)[system]
  if (!program) return fail(`There is no system "${system}".\n\n${USAGE}`, 2)
  const child = spawn(process.execPath, program.args, {
    cwd: join(here, program.folder),
    env: { ...process.env, ...program.env },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.once('close', (code) => {
    process.exitCode = code ?? 1
  })
}

function fail(message, code = 1) {
  console.error(message)
  process.exitCode = code
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch((error) => fail(error.message))
