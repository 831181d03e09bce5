import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { reasons } from '../../src/core/decisions/reasons.ts'
import { docsReply } from '../../src/http/docs.ts'

const folder = fileURLToPath(new URL('../../../../docs/errors/', import.meta.url))
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')

describe('docs/errors', () => {
  it('has a page for every reason, and a reason for every page', () => {
    expect(pages.map((name) => name.slice(0, -3)).sort()).toEqual(Object.keys(reasons).sort())
  })

  it('has each reason in one file of the catalogue: a second one would silently win', () => {
    const source = fileURLToPath(new URL('../../src/core/decisions/reasons/', import.meta.url))
    const named = readdirSync(source).flatMap((file) =>
      [...readFileSync(source + file, 'utf8').matchAll(/^ {2}([a-z_]+): \{$/gm)].map(([, name]) => name),
    )
    expect(named.sort()).toEqual(Object.keys(reasons).sort())
  })

  it('names every reason in its index', () => {
    const index = readFileSync(`${folder}README.md`, 'utf8')
    expect(Object.keys(reasons).filter((reason) => !index.includes(`(${reason}.md)`))).toEqual([])
  })

  it.each(Object.entries(reasons))('says code and rule of %s as the catalogue does', (reason, entry) => {
    const text = readFileSync(`${folder}${reason}.md`, 'utf8')
    expect(text.startsWith(`# ${reason}\n`)).toBe(true)
    expect(text).toContain(`\`${entry.error}\``)
    expect(text).toContain(entry.rule)
  })

  it('points to public reasons that exist and hide nothing further', () => {
    for (const entry of Object.values(reasons)) {
      if (!('public' in entry)) continue
      const target = Object.entries(reasons).find(([reason]) => reason === entry.public)
      expect(target?.[1]).toBeDefined()
      expect(target?.[1]).not.toHaveProperty('public')
      expect(target?.[1].error).toBe(entry.error)
    }
  })

  it('is served by the product, where error_uri points', async () => {
    for (const reason of Object.keys(reasons)) {
      const reply = await docsReply(`/docs/errors/${reason}`)
      expect(reply?.status, reason).toBe(200)
    }
    expect(await docsReply('/docs/errors/../../package.json')).toBeUndefined()
    expect(await docsReply('/docs/errors/no_such_reason')).toBeUndefined()
  })
})

describe('the links of docs/', () => {
  it('lead to files that are there', () => {
    const root = fileURLToPath(new URL('../../../../docs/', import.meta.url))
    const broken: string[] = []
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.md')) continue
      const from = new URL(file, `file://${root}`)
      for (const [, link] of readFileSync(from, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (link === undefined || /^[a-z]+:/.test(link)) continue
        try {
          readdirSync(new URL(link, from))
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOTDIR'))
            broken.push(`${file}: ${link}`)
        }
      }
    }
    expect(broken).toEqual([])
  })
})
