#!/usr/bin/env node
// Builds every workspace: `tsc -b` on the pinned Node, then the files beside the sources that are not TypeScript.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { at, filesBelow, names, root, runNode, tool, workspaces } from './workspace.mjs'

const BUILT = at('node_modules', '.pixy-built')
const SOURCE = /\.tsx?$/
const NOT_SHIPPED = /(^|[\\/])(README\.md|__snapshots__[\\/].*|.*\.test\..*|.*\.tsx?)$/
const OUTPUT = /\.(js|d\.ts)(\.map)?$/

/** The workspaces that have something to build: a tsconfig.json and TypeScript under src. */
function buildable() {
  return workspaces().filter(
    (folder) =>
      existsSync(at(folder, 'tsconfig.json')) &&
      filesBelow(at(folder, 'src')).some((file) => SOURCE.test(file)),
  )
}

/** Whether every dist folder comes from the sources that are there now. */
export function isBuilt() {
  try {
    return (
      readFileSync(BUILT, 'utf8') === sourceState() &&
      buildable().every((folder) => existsSync(at(folder, 'dist', '.tsbuildinfo')))
    )
  } catch {
    return false
  }
}

/** Compiles and copies. Throws with the compiler's output in its message. */
export async function buildAll() {
  const state = sourceState()
  rmSync(BUILT, { force: true })
  const folders = buildable()
  if (folders.length > 0) {
    const result = await runNode([tool('typescript', 'tsc'), '-b', '--pretty', 'false', ...folders], {
      quiet: true,
    })
    for (const folder of folders) {
      removeOrphans(folder)
      copyAssets(folder)
    }
    if (result.code !== 0)
      throw new Error(`${result.output.trim()}\n\nThe build failed (tsc -b, exit ${result.code}).`)
  }
  writeFileSync(BUILT, state)
}

/** One hash over path, size and time of everything a build reads. */
function sourceState() {
  const files = [
    ...names(root)
      .filter((name) => /^tsconfig.*\.json$/.test(name) || name === 'package-lock.json')
      .map((name) => at(name)),
    at('scripts', 'build.mjs'),
    ...workspaces().flatMap((folder) => [
      ...['package.json', 'tsconfig.json'].map((name) => at(folder, name)),
      ...filesBelow(at(folder, 'src')).filter((file) => !/\.test\.tsx?$/.test(file)),
    ]),
  ]
  const hash = createHash('sha256').update(process.platform)
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat) hash.update(`${relative(root, file).split(sep).join('/')} ${stat.size} ${stat.mtimeMs}\n`)
  }
  return `${hash.digest('hex')}\n`
}

/** Deletes compiled files whose source is gone: tsc leaves them. */
function removeOrphans(folder) {
  const dist = at(folder, 'dist')
  for (const file of filesBelow(dist)) {
    const stem = join(folder, 'src', relative(dist, file)).replace(OUTPUT, '')
    if (!OUTPUT.test(file)) continue
    const sources = ['.ts', '.tsx', '.js', '.d.ts', '.js.map'].map((extension) => at(`${stem}${extension}`))
    if (!sources.some((source) => existsSync(source))) rmSync(file, { force: true })
  }
}

/** Copies what is not TypeScript (styles, locales, images, SQL) from src to dist, where it changed, and deletes what is gone. */
function copyAssets(folder) {
  const source = at(folder, 'src')
  const dist = at(folder, 'dist')
  const kept = new Set()
  for (const file of filesBelow(source)) {
    const path = relative(source, file)
    if (NOT_SHIPPED.test(path)) continue
    kept.add(path)
    const target = join(dist, path)
    const stat = statSync(file)
    const there = statSync(target, { throwIfNoEntry: false })
    if (there && there.size === stat.size && there.mtimeMs >= stat.mtimeMs) continue
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, target)
  }
  for (const file of filesBelow(dist)) {
    const path = relative(dist, file)
    if (!OUTPUT.test(path) && path !== '.tsbuildinfo' && !kept.has(path)) rmSync(file, { force: true })
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await buildAll()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
