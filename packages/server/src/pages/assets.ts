import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { LRUCache } from 'lru-cache'
import type { PageAsset } from '../core/interaction/pages.ts'
import { accentSheet, parseAccent } from './accent.ts'
import type { AssetLinks } from './page.ts'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0b5fd0"/><path d="M16 8a5 5 0 0 0-2.2 9.5L12.6 24h6.8l-1.2-6.5A5 5 0 0 0 16 8z" fill="#fff"/></svg>`

const CSS = 'text/css; charset=utf-8'
const ACCENT_PATH = /^\/_pixy\/accent-([0-9a-f]{6})\.[0-9a-f]{12}\.css$/

export interface PageAssets {
  find(path: string): PageAsset | undefined
  links(accent: string | undefined): AssetLinks
}

/** Everything the documents load, under names that change with the content. */
export function createAssets(): PageAssets {
  const files = new Map<string, PageAsset>()
  const add = (name: string, extension: string, type: string, text: string): string => {
    const path = hashedPath(name, extension, text)
    files.set(path, { type, body: new TextEncoder().encode(text) })
    return path
  }
  const shared = {
    stylesheet: add('pages', 'css', CSS, compact(read('./pages.css'))),
    script: add('pages', 'js', 'text/javascript; charset=utf-8', compact(read('./enhance.js'))),
    icon: add('icon', 'svg', 'image/svg+xml', ICON),
  }
  const linksByAccent = new LRUCache<string, AssetLinks>({ max: 1000 })
  const withoutAccent: AssetLinks = { ...shared, accent: null }

  return {
    find(path) {
      const file = files.get(path)
      if (file) return file
      const hex = ACCENT_PATH.exec(path)?.[1]
      if (hex === undefined || accentPath(hex) !== path) return undefined
      return { type: CSS, body: new TextEncoder().encode(accentSheet(hex)) }
    },
    links(accent) {
      const hex = parseAccent(accent)
      if (hex === null) return withoutAccent
      const known = linksByAccent.get(hex)
      if (known) return known
      const fresh: AssetLinks = { ...shared, accent: accentPath(hex) }
      linksByAccent.set(hex, fresh)
      return fresh
    },
  }
}

function accentPath(hex: string): string {
  return hashedPath(`accent-${hex}`, 'css', accentSheet(hex))
}

function hashedPath(name: string, extension: string, text: string): string {
  return `/_pixy/${name}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${extension}`
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
}

/** Block comments and indentation stay in the repository. */
function compact(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')
    .trim()
}
