// Chromium for the browser tests: found if there is one, installed on Debian as root, otherwise asked for.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './workspace.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']

/**
 * Path of a Chromium to drive in tests: `PIXY_TEST_CHROMIUM`, else what the system has.
 * @returns {string | undefined}
 */
export function findChromium() {
  const given = process.env.PIXY_TEST_CHROMIUM
  if (given) return isExecutable(given) ? given : undefined
  return candidates().find(isExecutable)
}

function candidates() {
  if (process.platform === 'darwin') {
    const apps = ['Chromium', 'Google Chrome', 'Microsoft Edge']
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      apps.map((app) => `${folder}/${app}.app/Contents/MacOS/${app}`),
    )
  }
  if (process.platform === 'win32') {
    const bases = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    const paths = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe']
    return bases.filter(Boolean).flatMap((base) => paths.map((path) => join(base, path)))
  }
  const folders = new Set([
    '/usr/bin',
    '/usr/local/bin',
    '/snap/bin',
    ...(process.env.PATH ?? '').split(delimiter),
  ])
  return NAMES.flatMap((name) => [...folders].filter(Boolean).map((folder) => join(folder, name)))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Resolves when there is a Chromium and, on Linux, a font for the Arabic pages.
 * Throws with what to install in its message when there is none and we may not install it.
 */
export async function ensureChromium() {
  const given = process.env.PIXY_TEST_CHROMIUM
  if (given && !isExecutable(given)) {
    throw new Error(`PIXY_TEST_CHROMIUM is ${given}, which is not a program that can be run.`)
  }
  const missing = [
    ...(findChromium() ? [] : ['chromium']),
    ...(hasArabicFont() ? [] : ['fontconfig', 'fonts-noto-core']),
  ]
  if (missing.length === 0) return
  if (mayInstall()) await install(missing)
  if (!findChromium()) {
    throw new Error(
      'The browser tests need Chromium. Install it (Debian, Ubuntu: apt-get install chromium fontconfig fonts-noto-core; ' +
        'macOS: brew install --cask chromium), or set PIXY_TEST_CHROMIUM to the path of a Chromium or Chrome.',
    )
  }
  if (!hasArabicFont())
    console.error('No font with Arabic letters was found; the Arabic pages will be drawn with boxes.')
}

const mayInstall = () =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  existsSync('/etc/debian_version') &&
  existsSync('/usr/bin/apt-get')

async function install(packages) {
  console.error(`Installing ${packages.join(', ')} for the browser tests (apt-get) …`)
  const options = { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } }
  const update = await run('apt-get', ['update'], options)
  const added = await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options)
  if (added.code !== 0) console.error(`${update.output}${added.output}\napt-get failed (exit ${added.code}).`)
}

function hasArabicFont() {
  if (process.platform !== 'linux') return true
  const list = spawnSync('fc-list', [':lang=ar', 'file'], { encoding: 'utf8' })
  return list.status === 0 && list.stdout.trim() !== ''
}
