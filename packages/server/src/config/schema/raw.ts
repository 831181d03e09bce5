/**
 * Reads values whose shape is not known yet. Rules between members run also where some member is wrong, so that a file's
 * problems are told all at once; what is wrong in itself is reported elsewhere, and skipped here.
 */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  const found: unknown = Reflect.get(value, name)
  return found
}

export function text(value: unknown, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' ? found : undefined
}

export function list(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name)
  return Array.isArray(found) ? found : []
}

/** The strings of a list, each with its index. */
export function texts(value: unknown, name: string): ReadonlyArray<readonly [number, string]> {
  return [...list(value, name).entries()].filter(
    (entry): entry is [number, string] => typeof entry[1] === 'string',
  )
}
