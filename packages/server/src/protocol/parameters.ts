import type { Problem } from './types.ts'

/** Why a query or a form body is refused; `name` is the parameter where it can be told. */
export interface ParameterProblem extends Problem<'malformed_encoding' | 'control_character' | 'too_many'> {
  readonly name?: string
}

/** The body is not a form: `received` is the media type, cut to 100 characters. */
export interface ContentTypeProblem extends Problem<'content_type'> {
  readonly received: string
}

const MAX_PAIRS = 256
const FORM = 'application/x-www-form-urlencoded'

/**
 * The parameters of a query or a form body, decoded.
 * A parameter without a value counts as omitted, one that is sent twice is listed in `duplicates`
 * (RFC 6749 §3.1).
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, string | readonly string[]>

  /**
   * Names that occurred more than once, with or without a value. RFC 8707 §2 allows it for `resource` only.
   */
  readonly duplicates: readonly string[]

  constructor(values: ReadonlyMap<string, string | readonly string[]>, duplicates: readonly string[] = []) {
    this.#values = values
    this.duplicates = duplicates
  }

  /**
   * Makes parameters of values that were parsed before, such as a pushed request or a dialect's JSON body.
   */
  static from(object: Readonly<Record<string, string | readonly string[] | undefined>>): Parameters {
    const values = new Map<string, string | readonly string[]>()
    const duplicates: string[] = []
    for (const [name, value] of Object.entries(object)) {
      if (value === undefined) continue
      values.set(name, value)
      if (typeof value !== 'string' && value.length > 1) duplicates.push(name)
    }
    return new Parameters(values, duplicates)
  }

  /** The first value that is not empty. */
  get(name: string): string | undefined {
    const value = this.#values.get(name)
    if (typeof value === 'string') return value === '' ? undefined : value
    return value?.find(isPresent)
  }

  /** Every value that is not empty, in the order of the request. */
  getAll(name: string): readonly string[] {
    const value = this.#values.get(name)
    if (typeof value === 'string') return value === '' ? [] : [value]
    return value?.filter(isPresent) ?? []
  }

  /** Whether the parameter has a value. */
  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Every name that occurred, also without a value, in the order of the request. */
  names(): readonly string[] {
    return [...this.#values.keys()]
  }

  /** The parameters that have a value, as an object without prototype: ready for JSON, reversed by `from`. */
  toObject(): Record<string, string | readonly string[]> {
    const object: Record<string, string | readonly string[]> = Object.create(null)
    for (const name of this.#values.keys()) {
      const [first, ...others] = this.getAll(name)
      if (first !== undefined) object[name] = others.length === 0 ? first : [first, ...others]
    }
    return object
  }
}

/**
 * Reads `application/x-www-form-urlencoded` (RFC 6749 App. B) strictly: `+` is a space, `%XX` must make valid
 * UTF-8. NUL is refused everywhere; other control characters are not, since `state` comes back as it was
 * sent.
 */
export function parseParameters(raw: string): Parameters | ParameterProblem {
  if (!raw.isWellFormed()) return { problem: 'malformed_encoding' }
  const values = new Map<string, string | string[]>()
  let duplicates: string[] | undefined
  const mayHoldNul = raw.includes('%00') || raw.includes('\0')
  let pairs = 0
  let equals = raw.indexOf('=')

  for (let start = 0, end = 0; start < raw.length; start = end + 1) {
    end = raw.indexOf('&', start)
    if (end === -1) end = raw.length
    if (end === start) continue
    if (++pairs > MAX_PAIRS) return { problem: 'too_many' }
    // Searched again only once it was passed: otherwise pairs without `=` would each scan to the end.
    if (equals !== -1 && equals < start) equals = raw.indexOf('=', start)

    const nameEnd = equals === -1 || equals > end ? end : equals
    const name = decodeComponent(raw.slice(start, nameEnd))
    if (name === undefined) return { problem: 'malformed_encoding' }
    const value = nameEnd === end ? '' : decodeComponent(raw.slice(nameEnd + 1, end))
    if (value === undefined) return { problem: 'malformed_encoding', name }
    if (mayHoldNul && (name + value).includes('\0')) return { problem: 'control_character', name }

    const earlier = values.get(name)
    if (earlier === undefined) values.set(name, value)
    else if (typeof earlier === 'string') {
      values.set(name, [earlier, value])
      duplicates ??= []
      duplicates.push(name)
    } else earlier.push(value)
  }
  return new Parameters(values, duplicates)
}

/**
 * Reads a form body. The media type is compared without case and may carry parameters; a charset must be
 * UTF-8. Bytes above 0x7F are accepted where they are valid UTF-8, as browsers and curl send them.
 */
export function parseFormBody(
  bytes: Uint8Array,
  contentType: string | undefined,
): Parameters | ParameterProblem | ContentTypeProblem {
  if (contentType !== FORM && !isFormType(contentType)) {
    return { problem: 'content_type', received: (contentType ?? '').slice(0, 100) }
  }
  const raw = decodeUtf8(bytes)
  return raw === undefined ? { problem: 'malformed_encoding' } : parseParameters(raw)
}

/**
 * Adds parameters to a redirect URI and keeps the query it has (RFC 6749 §3.1.2, §4.1.2).
 * The URI is text here, never parsed and written again: `MyApp://` and `com.example.app:/cb` stay as
 * registered. Values are escaped as `encodeURIComponent` does it, which clients compare `state` with.
 */
export function appendQuery(uri: string, params: ReadonlyArray<readonly [string, string]>): string {
  const hash = uri.indexOf('#')
  let result = hash === -1 ? uri : uri.slice(0, hash)
  const mark = result.indexOf('?')
  let separator = mark === -1 ? '?' : mark === result.length - 1 || result.endsWith('&') ? '' : '&'
  for (const [name, value] of params) {
    result += `${separator}${encodeComponent(name)}=${encodeComponent(value)}`
    separator = '&'
  }
  return hash === -1 ? result : result + uri.slice(hash)
}

/**
 * Undoes form encoding of one name or value; `undefined` where it is not valid. Expects well-formed UTF-16.
 */
export function decodeComponent(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

/**
 * Reads UTF-8 bytes as text; `undefined` where they are not valid. A byte order mark is kept as a character.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function encodeComponent(text: string): string {
  return encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed())
}

function isPresent(value: string): boolean {
  return value !== ''
}

function isFormType(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType.length > 256) return false
  const [type, ...parameters] = contentType.toLowerCase().split(';')
  return type?.trim() === FORM && parameters.every(isAcceptableTypeParameter)
}

function isAcceptableTypeParameter(parameter: string): boolean {
  const trimmed = parameter.trim()
  if (trimmed === '') return true
  const equals = trimmed.indexOf('=')
  if (equals <= 0) return false
  if (trimmed.slice(0, equals) !== 'charset') return true
  const charset = trimmed.slice(equals + 1)
  return charset === 'utf-8' || charset === '"utf-8"'
}
