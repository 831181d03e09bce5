import { z } from 'zod'
import { list, member } from './schema/raw.ts'

const made = new WeakMap<z.ZodType, Readonly<Record<string, unknown>>>()

/** A zod schema as JSON Schema (draft 2020-12) of what may be written: members with a default need not be there. */
export function jsonSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  let found = made.get(schema)
  if (found === undefined) {
    found = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    made.set(schema, found)
  }
  return found
}

/** The names of the members that an object at `path` may have. */
export function schemaMembers(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let nodes = alternatives(jsonSchemaOf(schema))
  for (const key of path) {
    nodes = nodes
      .map((node) =>
        typeof key === 'number' ? member(node, 'items') : member(member(node, 'properties'), String(key)),
      )
      .flatMap(alternatives)
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(Object(member(node, 'properties')))))]
}

function alternatives(node: unknown): readonly unknown[] {
  if (node === undefined) return []
  const inner = [...list(node, 'anyOf'), ...list(node, 'oneOf')]
  return inner.length === 0 ? [node] : inner.flatMap(alternatives)
}
