import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { atm } from '../../../src/dialects/atm/atm.ts'

const page = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../../docs/${name}.md`, import.meta.url)), 'utf8')

describe('the documentation of atm', () => {
  it('S0-45 has a row for each of its calls in the API reference, with its methods', () => {
    const rows = page('reference/endpoints').split('\n')
    for (const [path, { methods }] of atm.routes) {
      const row = rows.find((line) => line.startsWith(`| \`${path}\` |`))
      expect(row?.split('|')[2]?.trim(), path).toBe(Object.keys(methods).join(', '))
    }
  })

  it('names every deviation in the guide', () => {
    const guide = page('guides/atm')
    for (const id of Object.keys(atm.deviations)) expect(guide, id).toContain(`\`${id}\``)
  })
})
