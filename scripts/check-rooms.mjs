#!/usr/bin/env node
// Checks what the compiler and the linter cannot: the direction of imports between the rooms of packages/server/src,
// that no file reaches into another package's sources, that the dependency-free packages stay so,
// and that time and randomness come from `deps`. The table is rooms.mjs.
// A line may be excused with a reason: `// rooms-allow: why`, on the line or above it.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import { parseSync, Visitor } from 'vite'
import { dependencyFree, rooms } from './rooms.mjs'
import { at, filesBelow, names, workspaces } from './workspace.mjs'

const SOURCE = /\.(tsx?|mts|mjs|js|jsx)$/
const TEST = /\.test\.tsx?$/
const CLOCKS = { Date: ['now'], Math: ['random'], performance: ['now'], Temporal: ['Now'] }
const RANDOM = [
  'randomBytes',
  'randomUUID',
  'randomUUIDv7',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
]

const problems = []

for (const folder of workspaces()) {
  const source = at(folder, 'src')
  for (const file of filesBelow(source)) {
    if (SOURCE.test(file) && !TEST.test(file)) checkFile(folder, source, file)
  }
}
checkNames()

for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`\n${problems.length} out of place. The table of rooms is scripts/rooms.mjs.`)
  process.exitCode = 1
}

function checkFile(folder, source, file) {
  const text = readFileSync(file, 'utf8')
  const parsed = parseSync(file, text, { sourceType: 'module' })
  const error = parsed.errors.find(({ severity }) => severity === 'Error')
  if (error) return // the type check says so, and better
  const lines = text.split('\n')
  const report = (offset, message) => {
    const line = text.slice(0, offset).split('\n').length
    const excused = [lines[line - 1], lines[line - 2]].some((text) => /\/\/ rooms-allow: \S/.test(text ?? ''))
    if (!excused) problems.push(`${posix(relative(at(), file))}:${line} ${message}`)
  }
  const found = read(parsed.program)
  const name = folder.split('/')[1]
  const path = posix(relative(source, file))
  const room = folder === 'packages/server' ? roomOf(path) : undefined
  if (folder === 'packages/server' && !room) report(0, `belongs to no room: add a row to scripts/rooms.mjs`)

  for (const { specifier, offset } of found.imports) {
    if (specifier.startsWith('.'))
      checkRelative({ source, file, room, specifier, report: (text) => report(offset, text) })
    else checkPackage({ name, room, specifier, report: (text) => report(offset, text) })
  }
  if (room && rooms[room].deterministic) {
    for (const { what, offset } of found.impure)
      report(offset, `uses ${what}: ${room} takes time and randomness from deps`)
  }
}

function checkRelative({ source, file, room, specifier, report }) {
  const target = posix(relative(source, resolve(dirname(file), specifier)))
  if (target.startsWith('../'))
    return report(`imports ${specifier}, outside its package's src: import the package by name`)
  if (!room) return
  const other = roomOf(target)
  const allowed = rooms[room].imports
  if (!other || other === room || allowed.includes('*') || allowed.includes(other)) return
  const list = allowed.length > 0 ? `imports only ${allowed.join(', ')}` : 'imports no other room'
  report(`imports ${specifier}: ${room} must not know ${other} (${room} ${list})`)
}

function checkPackage({ name, room, specifier, report }) {
  const asked = builtinModules.includes(specifier) ? `node:${specifier}` : specifier
  const free = dependencyFree[name]
  if (free && !free.includes(asked)) return report(`imports ${specifier}: @pixy/${name} has no dependencies`)
  const forbidden = room && rooms[room].forbids?.find((pattern) => matches(pattern, asked))
  if (forbidden) report(`imports ${specifier}: not in ${room}`)
}

function matches(pattern, specifier) {
  if (pattern.endsWith('*')) return specifier.startsWith(pattern.slice(0, -1))
  return specifier === pattern || specifier.startsWith(`${pattern}/`)
}

/** The most specific row of the table a file of the server belongs to. */
function roomOf(path) {
  const steps = path.replace(/\.(tsx?|js)$/, '').split('/')
  for (let count = steps.length; count > 0; count--) {
    const name = steps.slice(0, count).join('/')
    if (Object.hasOwn(rooms, name)) return name
  }
  return undefined
}

/** Every import of a module, static or dynamic, as a value or a type, and every use of a clock or of chance. */
function read(program) {
  const imports = []
  const impure = []
  const take = (node) => {
    if (typeof node?.value === 'string') imports.push({ specifier: node.value, offset: node.start })
  }
  const visitor = new Visitor({
    ImportDeclaration(node) {
      take(node.source)
      if (!/^(node:)?crypto$/.test(node.source.value)) return
      for (const { imported, start } of node.specifiers) {
        if (RANDOM.includes(imported?.name))
          impure.push({ what: `${imported.name} of node:crypto`, offset: start })
      }
    },
    ExportNamedDeclaration: (node) => take(node.source),
    ExportAllDeclaration: (node) => take(node.source),
    ImportExpression: (node) => take(node.source),
    TSImportType: (node) => take(node.source ?? node.argument?.literal ?? node.argument),
    NewExpression(node) {
      if (node.callee.name === 'Date' && node.arguments.length === 0)
        impure.push({ what: 'new Date()', offset: node.start })
    },
    CallExpression(node) {
      if (node.callee.name === 'Date') impure.push({ what: 'Date()', offset: node.start })
    },
    MemberExpression(node) {
      const property = node.computed ? node.property.value : node.property.name
      const object = node.object.name ?? node.object.property?.name
      const isClock = CLOCKS[object]?.includes(property)
      const isChance = RANDOM.includes(property) && /^(web)?crypto$/i.test(object ?? '')
      if (isClock || isChance) impure.push({ what: `${object}.${property}`, offset: node.start })
    },
  })
  visitor.visit(program)
  return { imports, impure }
}

/** Rows of the table may come before their folder, but a folder without a row is a mistake even while it is empty of code. */
function checkNames() {
  const source = at('packages', 'server', 'src')
  for (const name of names(source)) {
    if (/^[^.]+$/.test(name) && !Object.hasOwn(rooms, name)) {
      problems.push(`packages/server/src/${name} belongs to no room: add a row to scripts/rooms.mjs`)
    }
  }
}

function posix(path) {
  return path.split(sep).join('/')
}
