import { Failure } from '../failure.ts'

/** One request that was sent, for the report. */
export interface SentRequest {
  /** What it was for. */
  readonly step: string
  readonly method: string
  /** Without query: codes and tokens travel there. */
  readonly url: string
  readonly status: number
  readonly milliseconds: number
}

export interface Answer {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

const TIMEOUT_MS = 15_000
const LONGEST_BODY = 2_000_000

/** Sends requests one at a time and remembers how each went. Follows no redirect by itself. */
export class Http {
  readonly sent: SentRequest[] = []

  async send(step: string, url: string, init: RequestInit = {}): Promise<Answer> {
    const method = init.method ?? 'GET'
    const began = performance.now()
    const place = url.split('?', 1)[0] ?? url
    let response: Response
    let body: string
    try {
      response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
      body = (await response.text()).slice(0, LONGEST_BODY)
    } catch (cause) {
      throw unreachable(method, place, cause)
    }
    const milliseconds = Math.round(performance.now() - began)
    this.sent.push({ step, method, url: place, status: response.status, milliseconds })
    return { status: response.status, url, headers: response.headers, body }
  }

  /** The answer as a JSON object. */
  async json(
    step: string,
    url: string,
    init: RequestInit = {},
  ): Promise<Answer & { readonly value: JsonRecord }> {
    const answer = await this.send(step, url, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
    })
    const value = parseObject(answer.body)
    if (value) return { ...answer, value }
    throw new Failure('answer_unreadable', 'The answer is not a JSON object.', {
      request: requestLine(this.sent.at(-1)),
      received: answer.body.slice(0, 120),
    })
  }
}

export type JsonRecord = Readonly<Record<string, unknown>>

export function requestLine(request: SentRequest | undefined): string | undefined {
  return request && `${request.method} ${request.url} ${request.status}`
}

export function textOf(record: JsonRecord, name: string): string | undefined {
  const value = record[name]
  return typeof value === 'string' ? value : undefined
}

/** What a server answered with an error, as far as it says. */
export function refusedBy(
  answer: Answer & { readonly value: JsonRecord },
  request: string | undefined,
): Failure {
  const { value } = answer
  const error = textOf(value, 'error') ?? `status ${answer.status}`
  return new Failure(
    textOf(value, 'reason') ?? error,
    textOf(value, 'error_description') ?? 'The server refused.',
    {
      error,
      request,
      flow: textOf(value, 'flow'),
      received: textOf(value, 'received'),
      expected: textOf(value, 'expected'),
      fix: textOf(value, 'fix') ?? textOf(value, 'error_uri'),
    },
  )
}

function parseObject(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function unreachable(method: string, url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const isTimeout = error instanceof Error && error.name === 'TimeoutError'
  const received = isTimeout ? `no answer in ${TIMEOUT_MS / 1000} s` : (code ?? String(cause))
  const fix = /CERT|SELF_SIGNED|ALTNAME/.test(received)
    ? 'Trust the certificate: NODE_EXTRA_CA_CERTS=FILE.'
    : 'Is the server running, and is this its address? pixy start, or --issuer URL'
  return new Failure(
    'issuer_unreachable',
    'The server cannot be reached.',
    { request: `${method} ${url}`, received, fix },
    { cause: error },
  )
}
