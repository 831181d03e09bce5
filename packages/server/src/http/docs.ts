import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Marked } from 'marked'
import type { OAuthReply } from '../protocol/types.ts'

/** Beside the build in a package, at the root of a clone. */
const FOLDERS = ['../docs/', '../../docs/', '../../../../docs/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)
const folder = FOLDERS.find((path) => existsSync(`${path}errors/README.md`))

const PAGE = /^\/docs(?:\/[a-z0-9][a-z0-9._-]{0,80}){0,3}\/?$/
const marked = new Marked({ gfm: true })
const rendered = new Map<string, OAuthReply>()

/** The documentation that ships with the product: `error_uri` points here, also where there is no internet. */
export async function docsReply(path: string): Promise<OAuthReply | undefined> {
  if (folder === undefined || !PAGE.test(path) || path.includes('..')) return undefined
  const known = rendered.get(path)
  if (known) return known
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
  if (type !== undefined) return asset(path, type)
  const name = path
    .replace(/^\/docs\/?/, '')
    .replace(/\/$/, '')
    .replace(/\.md$/, '')
  for (const file of [`${name}.md`, `${name}/README.md`, 'README.md']) {
    if (file === 'README.md' && name !== '') break
    const text = await readFile(folder + file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const reply = markdownPage(text, `/docs/${file}`)
    rendered.set(path, reply)
    return reply
  }
  return undefined
}

const TYPES: Readonly<Record<string, string>> = { css: 'text/css; charset=utf-8', svg: 'image/svg+xml' }

async function asset(path: string, type: string): Promise<OAuthReply | undefined> {
  const body = await readFile(folder + path.slice('/docs/'.length)).catch(() => undefined)
  if (body === undefined) return undefined
  const reply = {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'public, max-age=300' },
    body,
  }
  rendered.set(path, reply)
  return reply
}

/** A Markdown text as a page in the style of the documentation. */
export function markdownPage(markdown: string, from: string): OAuthReply {
  const title = /^#\s+(.+)$/m.exec(markdown)?.[1] ?? 'Pixy'
  const base = from.slice(0, from.lastIndexOf('/') + 1)
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'self'; frame-ancestors 'none'; form-action 'none'",
      'cache-control': 'public, max-age=300',
      'referrer-policy': 'same-origin',
    },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} · Pixy</title><base href="${base}"><link rel="stylesheet" href="/docs/docs.css"></head><body><main>${withAnchors(marked.parse(markdown, { async: false }))}</main></body></html>`,
  }
}

/** Headings get the ids that links of the same documents name. */
function withAnchors(html: string): string {
  return html.replace(/<h([1-4])>(.*?)<\/h\1>/g, (_whole, level: string, text: string) => {
    const id = text
      .replace(/<[^>]*>|&[a-z0-9#]+;/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    return `<h${level} id="${escapeHtml(id)}">${text}</h${level}>`
  })
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
