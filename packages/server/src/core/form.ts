import { type Parameters, parseFormBody, parseParameters } from '../protocol/parameters.ts'
import { isProblem } from '../protocol/types.ts'
import { type Exchange, header } from './exchange.ts'

/** Parameters of the URL. @throws {Refusal} `request_malformed` */
export function readQuery({ request, flow }: Exchange): Parameters {
  const parsed = parseParameters(request.query)
  if (isProblem(parsed)) return flow.refuse('request_malformed', { received: parsed.problem })
  return parsed
}

const EMPTY = new Uint8Array()

/** Parameters of a form body. @throws {Refusal} `content_type_unsupported`, `request_malformed` */
export function readForm({ request, flow }: Exchange): Parameters {
  const parsed = parseFormBody(request.body ?? EMPTY, header(request, 'content-type'))
  if (!isProblem(parsed)) return parsed
  if (parsed.problem === 'content_type') {
    return flow.refuse('content_type_unsupported', {
      received: parsed.received || 'no Content-Type',
      expected: 'application/x-www-form-urlencoded',
    })
  }
  return flow.refuse('request_malformed', { received: parsed.problem })
}

/** Each parameter at most once, but for `resource` (RFC 6749 §3.1, RFC 8707 §2). @throws {Refusal} */
export function checkNotRepeated(
  { flow }: Exchange,
  form: Parameters,
  repeatable: readonly string[] = ['resource'],
): void {
  const repeated = form.duplicates.find((name) => !repeatable.includes(name))
  flow.check('parameter_repeated', repeated === undefined, () => ({ param: (repeated ?? '').slice(0, 100) }))
}

/** A value as it may be shown: the first characters, printable. */
export function shown(value: string | undefined, length = 80): string {
  if (value === undefined) return 'nothing'
  return value.length > length ? `${value.slice(0, length)}… (${value.length} characters)` : value
}
