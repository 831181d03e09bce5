import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web app of somebody else on a loopback port. */
export interface Site {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

export function openSite(listener: RequestListener): Promise<Site> {
  return listen(createServer(listener))
}

export async function listen(server: Server): Promise<Site> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, 'localhost', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
