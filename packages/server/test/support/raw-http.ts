import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { Answer } from './test-as.ts'

export interface RawOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

/** A request with headers that `fetch` would not send, such as Host, or one of them twice. The path goes out as it is. */
export function plainRequest(serverUrl: string, path: string, options: RawOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(serverUrl)
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const request = httpRequest(
      {
        hostname,
        port,
        path,
        method,
        headers: { ...headers } as Record<string, string | string[]>,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const answered = new Headers()
          for (const [name, values] of Object.entries(response.headersDistinct))
            for (const value of values ?? []) answered.append(name, value)
          resolve({ status: response.statusCode ?? 0, headers: answered, json: parseObject(text), text })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const PATIENCE = 5000

/**
 * Writes bytes to a socket of its own and resolves with all that came back until the server closed it, or until one
 * answer is complete where `first` is set. A reset counts as closed: what was read before it is the answer.
 *
 * @throws where the server neither answers nor closes within 5 seconds
 */
export function sendBytes(
  serverUrl: string,
  bytes: string | Uint8Array,
  options: { readonly first?: boolean } = {},
): Promise<string> {
  const { hostname, port } = new URL(serverUrl)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let received = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end after ${PATIENCE} ms; received: ${received.slice(0, 200)}`))
    }, PATIENCE)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(received)
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      received += chunk
      if (options.first && isComplete(received)) finish()
    })
    socket.on('error', finish)
    socket.on('close', finish)
    socket.write(bytes)
  })
}

/** The status line's number of each answer in what a socket received. */
export function statusesOf(received: string): readonly number[] {
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
