#!/usr/bin/env node
// Installs and builds what is missing or stale. Idempotent, quick when there is nothing to do, and able to run
// on Node 20 with no node_modules. `--tests` also makes sure of what the tests need from outside (Chromium).
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildAll, isBuilt } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { withLock } from './lock.mjs'
import { at, pinnedPackage, run } from './workspace.mjs'

const LOCK = at('.pixy-ready.lock')
const READY = at('node_modules', '.pixy-ready')

/** Resolves when node_modules matches package-lock.json. Throws with the reason in its message when it cannot. */
export async function ensureInstalled() {
  if (isInstalled()) return
  await withLock(LOCK, async () => {
    if (isInstalled()) return
    const started = Date.now()
    console.error('Installing dependencies (npm ci) …')
    const result = await npm(['ci', '--loglevel=error', '--no-audit', '--no-fund'])
    if (result.code !== 0) {
      throw new Error(
        `${result.output.trim()}\n\nnpm ci failed (exit ${result.code}). Run it by hand to see more.`,
      )
    }
    stamp()
    console.error(`Installed in ${seconds(started)}.`)
  })
}

/** Resolves when every dist folder matches its sources. Throws with the compiler's output in its message when one cannot be built. */
export async function ensureBuilt() {
  if (isBuilt()) return
  await withLock(LOCK, async () => {
    if (isBuilt()) return
    const started = Date.now()
    console.error('Building …')
    await buildAll()
    console.error(`Built in ${seconds(started)}.`)
  })
}

const seconds = (started) => `${((Date.now() - started) / 1000).toFixed(1)} s`

function lockText() {
  return existsSync(at('package-lock.json')) ? readFileSync(at('package-lock.json'), 'utf8') : ''
}

const fingerprint = (text) =>
  `${process.platform}-${process.arch} ${createHash('sha256').update(text).digest('hex')}\n`

function stamp() {
  mkdirSync(dirname(READY), { recursive: true })
  writeFileSync(READY, fingerprint(lockText()))
}

function isInstalled() {
  if (!existsSync(at('node_modules', '.package-lock.json'))) return false
  const text = lockText()
  if (existsSync(READY) && readFileSync(READY, 'utf8') === fingerprint(text)) return true
  if (!matchesInstalled(JSON.parse(text))) return false
  stamp() // somebody ran `npm install` or `npm ci` by hand
  return true
}

/** Whether npm's own record of node_modules has every package of the lockfile, in the same version, for this platform. */
function matchesInstalled(lock) {
  const installed = JSON.parse(readFileSync(at('node_modules', '.package-lock.json'), 'utf8')).packages ?? {}
  const wanted = lock.packages ?? {}
  const has = (path) => installed[path] !== undefined && existsSync(at(path))
  if (wanted[`node_modules/${pinnedPackage}`] && !has(`node_modules/${pinnedPackage}`)) return false
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue
    const found = installed[path]
    if (!found) {
      if (entry.optional || entry.devOptional) continue
      return false
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return false
    if (!existsSync(at(path))) return false
  }
  return Object.keys(installed).every((path) => wanted[path] !== undefined)
}

/** Runs npm on the Node it came with: the pinned one lives in node_modules, which `npm ci` deletes. */
function npm(args) {
  const bin = at('node_modules', '.bin')
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !isInside(folder, bin))
  const env = { PATH: path.join(delimiter) }
  const { npm_execpath: script, npm_node_execpath: node } = process.env
  if (
    script &&
    node &&
    /npm-cli\.[cm]?js$/.test(script) &&
    existsSync(node) &&
    !isInside(node, at('node_modules'))
  ) {
    return run(node, [script, ...args], { quiet: true, env })
  }
  return run('npm', args, { quiet: true, env, shell: process.platform === 'win32' })
}

function isInside(path, folder) {
  const steps = relative(folder, path)
  return steps === '' || (steps.split(sep)[0] !== '..' && !/^[A-Za-z]:|^[\\/]/.test(steps))
}

async function main(args) {
  const unknown = args.find((arg) => arg !== '--tests')
  if (unknown) throw new Error(`ensure-ready does not know ${unknown}; it takes --tests or nothing.`)
  await ensureInstalled()
  await ensureBuilt()
  if (args.includes('--tests')) await ensureChromium()
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
