import { connect, type Socket } from 'node:net'
import { AdminError } from './admin-error.ts'
import { PATIENCE_MS, resultOf, socketAnswer } from './socket-protocol.ts'

const CONNECT_MS = 2000

/** Whether a server listens behind a socket file; a file that a dead one left behind does not count. */
export async function isAnswering(path: string): Promise<boolean> {
  const socket = await open(path)
  socket?.destroy()
  return socket !== undefined
}

/**
 * Runs an operation in the server behind the socket. Resolves with `undefined` where none listens.
 *
 * @throws {AdminError} what the server refused, and `server_silent` where it took the request and did not answer
 */
export async function callSocket(
  path: string,
  op: string,
  input: unknown,
): Promise<{ readonly result: unknown } | undefined> {
  const socket = await open(path)
  if (!socket) return undefined
  const line = await exchange(socket, `${JSON.stringify({ op, input })}\n`)
  const answer = socketAnswer.safeParse(parse(line))
  if (!answer.success) throw silent()
  return { result: resultOf(answer.data) }
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const give = (found: Socket | undefined) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      if (!found) socket.destroy()
      resolve(found)
    }
    const timer = setTimeout(() => give(undefined), CONNECT_MS)
    socket.once('connect', () => give(socket))
    socket.once('error', () => give(undefined))
  })
}

function exchange(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(silent()))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => reject(silent()))
    socket.on('close', () => resolve(text))
    socket.on('end', () => socket.end())
    socket.write(request)
  })
}

function silent(): AdminError {
  return new AdminError('server_silent', 'The server took the request but did not answer it.', {
    fix: 'Look whether it was done before you try again.',
  })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
