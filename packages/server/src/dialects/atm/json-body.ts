import { type Exchange, header } from '../../core/exchange.ts'
import { isJsonObject, isShallow, parseJson } from '../../protocol/json.ts'
import { decodeUtf8, Parameters } from '../../protocol/parameters.ts'

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i
const STRINGS = /"(?:[^"\\]|\\.)*"/g

/**
 * A JSON body as parameters: one flat object of texts (RFC 8259), each name once. JSON parsers differ in which of two
 * equal names counts, so two are refused (RFC 8259 §4).
 *
 * @throws {Refusal} `json_body_malformed`
 */
export function readJson({ request, flow }: Exchange): Parameters {
  const type = header(request, 'content-type')
  flow.check('json_body_malformed', type !== undefined && JSON_TYPE.test(type), () => ({
    received: type?.slice(0, 100) ?? 'no Content-Type',
    expected: 'Content-Type: application/json',
  }))
  const text = decodeUtf8(request.body ?? new Uint8Array())
  const body = text !== undefined && isShallow(text, 1) ? parseJson(text) : undefined
  if (text === undefined || !isJsonObject(body))
    return flow.refuse('json_body_malformed', { received: 'no flat JSON object in UTF-8' })

  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string' || !isText(name + value))
      return flow.refuse('json_body_malformed', {
        param: name.slice(0, 100),
        received: typeof value === 'string' ? 'a text with NUL or half a character' : kindOf(value),
        expected: 'a text',
      })
    values.set(name, value)
  }
  // An object of N texts holds 2 N strings: more of them stand where a name came twice.
  const once = (text.match(STRINGS)?.length ?? 0) === values.size * 2
  if (!once) return flow.refuse('parameter_repeated', { fix: 'Name each member of the JSON object once.' })
  return new Parameters(values)
}

function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a ${typeof value}`
}
