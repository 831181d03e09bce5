import type { Duplex } from 'node:stream'

const ANSWERS: Readonly<Record<string, readonly [string, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'headers_too_large',
    'The request headers are too large.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_unreadable', 'The request took too long.'],
}
const MALFORMED = ['400 Bad Request', 'request_unreadable', 'The request is not valid HTTP.'] as const

/** Answers what is not HTTP, and closes: a parser that was led astray once is not read from again. */
export function plainError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const [status, reason, description] = ANSWERS[error.code ?? ''] ?? MALFORMED
  const body = JSON.stringify({ error: 'invalid_request', error_description: description, reason })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
