import { type AddressInfo, createServer } from 'node:net'
import { StartError } from './errors.ts'

const TRIES = 50
const MAX_PORT = 65_535

/**
 * The port to listen on. One that was given must be free, and 0 is any that is; the default moves to the next free one.
 * `room`: how many ports after it must be free too (the demo's).
 *
 * @throws {StartError} saying which port is taken
 */
export async function choosePort(
  given: number | undefined,
  preferred: number,
  hosts: readonly string[],
  room: number,
): Promise<number> {
  if (given === 0) return anyPort(hosts, room)
  if (given !== undefined) {
    const obstacle = await findObstacle(given, hosts, room)
    if (obstacle === undefined) return given
    throw new StartError(describeObstacle(obstacle, given, room))
  }
  for (let port = preferred; port < preferred + TRIES * (room + 1); port += room + 1) {
    if ((await findObstacle(port, hosts, room)) === undefined) return port
  }
  throw new StartError(`No free port from ${preferred} on. Choose one: pixy start --port N`)
}

async function anyPort(hosts: readonly string[], room: number): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const bound = await bind(0, hosts[0] ?? 'localhost')
    if ('port' in bound && (await findObstacle(bound.port, hosts, room)) === undefined) return bound.port
  }
  throw new StartError('No free port was found. Choose one: pixy start --port N')
}

interface Obstacle {
  readonly port: number
  readonly code: string
}

/** The first of the ports that cannot be listened on, and why. */
async function findObstacle(
  port: number,
  hosts: readonly string[],
  room: number,
): Promise<Obstacle | undefined> {
  for (let each = port; each <= port + room; each++) {
    for (const host of hosts) {
      const bound = await bind(each, host)
      // An address family that the machine does not have is not in use either.
      if (!('code' in bound) || bound.code === 'EADDRNOTAVAIL' || bound.code === 'EAFNOSUPPORT') continue
      return { port: each, code: bound.code }
    }
  }
  return undefined
}

function describeObstacle({ port, code }: Obstacle, given: number, room: number): string {
  if (code === 'EACCES')
    return `Port ${port} needs rights that this user does not have. Choose one from 1024 on: pixy start --port 4000`
  if (code !== 'EADDRINUSE')
    return `Port ${port} cannot be used (${code}). Choose another: pixy start --port 4000`
  const demo = port === given ? '' : `, and the demo needs ${given} to ${given + room}`
  return `Port ${port} is in use${demo}. Stop what listens there, or choose another: pixy start --port ${given + 10}`
}

/** Listens for a moment: the port that it was, or why not. */
function bind(port: number, host: string): Promise<{ readonly port: number } | { readonly code: string }> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? 'unknown' }))
    // A port out of range throws at once.
    if (port > MAX_PORT) return resolve({ code: 'ERR_SOCKET_BAD_PORT' })
    probe.listen({ port, host, exclusive: true }, () => {
      const bound = (probe.address() as AddressInfo).port
      probe.close(() => resolve({ port: bound }))
    })
  })
}
