import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from './config-error.ts'
import { reasonOf } from './environment.ts'

const MODULES = new Set(['.ts', '.mts', '.js', '.mjs'])

/**
 * What a configuration file holds, unchecked: JSON, or the default export of a TypeScript or JavaScript module, which
 * Node loads itself. A file that was changed since is loaded again.
 *
 * @throws {ConfigError} where it cannot be read or loaded
 */
export async function readConfigFile(file: string): Promise<unknown> {
  const path = resolve(file)
  const extension = extname(path)
  if (extension !== '.json' && !MODULES.has(extension)) {
    throw new ConfigError([
      `${file}: received a name that ends in ${JSON.stringify(extension)}, expected .json, .ts, .mts, .js or .mjs.`,
    ])
  }
  const modified = await stat(path).catch((error: unknown) => {
    throw new ConfigError([
      `${file}: cannot be read (${reasonOf(error)}). Name an existing file with --config or PIXY_CONFIG.`,
    ])
  })
  return extension === '.json' ? readJson(file, path) : importModule(file, path, modified.mtimeMs)
}

async function readJson(file: string, path: string): Promise<unknown> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const advice = /^\s*\/[/*]/m.test(text)
      ? ' JSON has no comments: remove them, or write a pixy.config.ts.'
      : ''
    throw new ConfigError([`${file}: is not valid JSON: ${oneLine(reason)}.${advice}`], { cause })
  }
}

async function importModule(file: string, path: string, version: number): Promise<unknown> {
  let module: { readonly default?: unknown }
  try {
    const url = pathToFileURL(path)
    url.searchParams.set('v', String(Math.trunc(version)))
    module = await import(/* @vite-ignore */ url.href)
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([`${file}: cannot be loaded: ${oneLine(reason)}`], { cause })
  }
  const config: unknown = await module.default
  if (config !== undefined) return config
  throw new ConfigError([`${file}: has no default export. Write: export default defineConfig({ … }).`])
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300).replace(/\.$/, '')
}
