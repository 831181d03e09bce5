import { describe, expect, it } from 'vitest'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { expectGoldenJson } from '../support/golden.ts'

describe('the published JSON Schema', () => {
  it('is what was reviewed', () => {
    expectGoldenJson('config/schema.json', configJsonSchema())
  })

  it('describes every member', () => {
    const silent: string[] = []
    walk(configJsonSchema(), '', silent)
    expect(silent).toEqual([])
  })
})

function walk(node: unknown, path: string, silent: string[]): void {
  if (typeof node !== 'object' || node === null) return
  for (const [name, inner] of Object.entries(node)) {
    if (name !== 'properties') {
      walk(inner, `${path}/${name}`, silent)
      continue
    }
    for (const [property, schema] of Object.entries(Object(inner))) {
      if (typeof Object(schema).description !== 'string') silent.push(`${path}/${property}`)
      walk(schema, `${path}/${property}`, silent)
    }
  }
}
