import { chmod, unlink } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from '../core/ports.ts'
import { AdminError } from './admin-error.ts'
import type { AdminDeps } from './operation.ts'
import { runOperation } from './operations.ts'
import { isAnswering } from './socket-client.ts'
import { LONGEST_LINE, PATIENCE_MS, type SocketAnswer, socketRequest } from './socket-protocol.ts'

export interface AdminSocket {
  close(): Promise<void>
}

/** A socket's path has to fit into its address: 104 bytes on macOS, 108 on Linux. */
const LONGEST_PATH = 103

/**
 * Listens on a Unix socket for operations of the same machine's command line. Whoever can open the file may do
 * everything: it is for its owner alone (mode 0600), in a folder that is too.
 *
 * Where it cannot listen the server runs without it, and the log says why: the command line then opens the database
 * itself. On Windows that is always so.
 */
export async function startAdminSocket(
  path: string,
  deps: AdminDeps & { readonly log: Logger },
  flowEvents?: AdminDeps['flowEvents'],
): Promise<AdminSocket> {
  const without: AdminSocket = { close: async () => {} }
  if (process.platform === 'win32') return without
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    deps.log.warn({ path }, 'no admin socket: the path of the data folder is too long for one')
    return without
  }
  if (await isAnswering(path)) {
    deps.log.warn({ path }, 'no admin socket: another server answers there')
    return without
  }
  await unlink(path).catch(() => {})
  const own: AdminDeps = flowEvents ? { ...deps, flowEvents } : deps
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    serve(socket, own, deps.log)
  })
  try {
    await listenPrivately(server, path)
  } catch (error) {
    deps.log.warn({ path, err: error }, 'no admin socket: it cannot be opened')
    return without
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroySoon()
      }),
  }
}

/** Security: the file has its mode from its first moment, not from a `chmod` a moment later. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
      process.umask(before)
    })
  } finally {
    process.umask(before)
  }
  await chmod(path, 0o600)
}

function serve(socket: Socket, deps: AdminDeps, log: Logger): void {
  let text = ''
  let done = false
  const finish = (answer: SocketAnswer) => socket.end(`${JSON.stringify(answer)}\n`)
  socket.setEncoding('utf8')
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    if (done) return
    text += chunk
    const end = text.indexOf('\n')
    if (end === -1 && text.length <= LONGEST_LINE) return
    done = true
    void answer(deps, log, end === -1 ? '' : text.slice(0, end)).then(finish)
  })
}

async function answer(deps: AdminDeps, log: Logger, line: string): Promise<SocketAnswer> {
  try {
    const request = socketRequest.safeParse(parse(line))
    if (!request.success)
      throw new AdminError('input_invalid', 'A request is one line of JSON: {"op":…,"input":…}')
    const { op, input } = request.data
    return { ok: true, result: (await runOperation(deps, op, input)) ?? null }
  } catch (error) {
    if (error instanceof AdminError) return { ok: false, error: error.toJSON() }
    log.error({ err: error }, 'an admin operation failed')
    return {
      ok: false,
      error: { reason: 'operation_failed', message: 'The operation failed; the log of the server says why.' },
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
