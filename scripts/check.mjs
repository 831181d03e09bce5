#!/usr/bin/env node
// Types, lint, format, rooms and the table of the four systems, all at once. Says nothing about what is right.
import { pathToFileURL } from 'node:url'
import { ensureInstalled } from './ensure-ready.mjs'
import { at, runNode, tool } from './workspace.mjs'

const checks = {
  types: () => [tool('typescript', 'tsc'), '-p', 'tsconfig.check.json', '--pretty', 'false'],
  'lint and format': () => [
    tool('@biomejs/biome', 'biome'),
    'ci',
    '--colors=off',
    '--max-diagnostics=50',
    '.',
  ],
  rooms: () => [at('scripts', 'check-rooms.mjs')],
  systems: () => [at('scripts', 'systems-table.mjs'), '--check'],
}

/** Runs every check and prints those that fail. Resolves with their names. */
export async function check() {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, args]) => ({
      name,
      ...(await runNode(args(), { quiet: true })),
    })),
  )
  const failed = results.filter(({ code }) => code !== 0)
  for (const { name, output } of failed) console.error(`\n── ${name} ──\n${output.trim()}`)
  console.log(
    failed.length === 0
      ? `Checked ${Object.keys(checks).join(', ')}: all right.`
      : `\nCheck failed: ${failed.map(({ name }) => name).join(', ')}. (npm run format mends what can be mended by itself.)`,
  )
  return failed.map(({ name }) => name)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureInstalled()
    if ((await check()).length > 0) process.exitCode = 1
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
