/** How values that SQL does not have are kept in columns. */
import type { Flag, Json } from './schema.ts'

export function flag(value: boolean): Flag {
  return value ? 1 : 0
}

export function toJson(value: unknown): Json {
  return JSON.stringify(value)
}

/** Reads a column that this store wrote: its shape is known, so it is not checked again. */
export function fromJson<T>(json: Json): T {
  return JSON.parse(json) as T
}

/** A list of scope tokens as on the wire (RFC 6749 §3.3); they hold no spaces. */
export function toScope(scope: readonly string[]): string {
  return scope.join(' ')
}

export function fromScope(scope: string): readonly string[] {
  return scope === '' ? [] : scope.split(' ')
}
