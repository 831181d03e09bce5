import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { VARIABLES } from '../../src/config/environment.ts'
import { rootMetadata, workspaceRoutes } from '../../src/routes.ts'
import { pixy } from '../cli/support.ts'

const page = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../docs/reference/${name}.md`, import.meta.url)), 'utf8')

/** Names of the members of a JSON Schema, at every depth; claims of users are those of OIDC Core. */
function membersOf(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found
  const properties: object = 'properties' in schema ? Object(schema.properties) : {}
  for (const name of Object.keys(properties)) found.add(name)
  for (const [name, value] of Object.entries({ ...schema, ...properties })) {
    if (name !== 'claims' && name !== 'jwks' && name !== 'properties') membersOf(value, found)
  }
  return found
}

describe('docs/reference/configuration.md', () => {
  it('names every member of the schema', async () => {
    const schema: unknown = JSON.parse((await pixy(['config', 'schema'])).out)
    const words = new Set(page('configuration').match(/[\w$]+/g))
    const members = [...membersOf(schema)].filter((name) => !name.includes('#'))
    expect(members).toContain('retry_window')
    expect(members.filter((name) => !words.has(name))).toEqual([])
  })

  it('names every variable', () => {
    const text = page('configuration')
    expect(Object.keys(VARIABLES).filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
})

describe('docs/reference/endpoints.md', () => {
  const rows = page('endpoints')
    .split('\n')
    .filter((line) => line.startsWith('| `/'))

  it('has every path of a workspace, with its methods', () => {
    for (const [path, { methods }] of workspaceRoutes) {
      const own = rows.filter((row) => row.includes(`\`${path}\``))
      expect(own, path).not.toEqual([])
      const named = own.map((row) => row.split('|')[2]?.trim())
      expect(named, path).toContain(Object.keys(methods).join(', '))
    }
  })

  it('has the metadata at the root of the host', () => {
    for (const path of rootMetadata.keys()) expect(rows.join('\n')).toContain(`\`${path}{path}\``)
  })
})
