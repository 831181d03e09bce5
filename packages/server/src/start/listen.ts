import { createServer } from 'node:net'
import { StartError } from './errors.ts'

const TRIES = 50

/** Whether a port is free on both loopback addresses. */
export async function isFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) if (!(await canBind(port, host))) return false
  return true
}

/**
 * The port to listen on. One that was given must be free; the default moves to the next free one. `room`: how many
 * ports after it must be free too (the demo's).
 */
export async function choosePort(
  given: number | undefined,
  preferred: number,
  hosts: readonly string[],
  room: number,
): Promise<number> {
  if (given !== undefined) {
    if (await isFree(given, hosts)) return given
    throw new StartError(
      `Port ${given} is in use. Stop what listens there, or choose another: pixy start --port ${given + 10}`,
    )
  }
  for (let port = preferred; port < preferred + TRIES * (room + 1); port += room + 1) {
    let free = true
    for (let offset = 0; offset <= room && free; offset++) free = await isFree(port + offset, hosts)
    if (free) return port
  }
  throw new StartError(`No free port from ${preferred} on. Choose one: pixy start --port N`)
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    // An address family that the machine does not have is not in use either.
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'),
    )
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
