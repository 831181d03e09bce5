import type { JsonValue } from './types.ts'

export type JsonObject = { readonly [member: string]: JsonValue }

/** Whether brackets nest no deeper than `limit`. One pass, so it is safe before any parser that recurses. */
export function isShallow(json: string, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i)
    if (inString) {
      if (code === 0x5c) i++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return false
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return true
}

/** `JSON.parse` without exceptions. */
export function parseJson(json: string): JsonValue | undefined {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
