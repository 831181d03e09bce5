import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A program that waits for the browser on a loopback port (RFC 8252 §7.3). */
export interface NativeApp extends AsyncDisposable {
  readonly redirectUri: string
  /** Resolves with the address that the browser came back to. */
  readonly callback: Promise<URL>
}

export async function startNativeApp(host: '127.0.0.1' | '[::1]' = '127.0.0.1'): Promise<NativeApp> {
  const { promise: callback, resolve: arrived } = Promise.withResolvers<URL>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${host}`)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(
      '<!doctype html><html lang="en"><title>Done</title><h1>You can close this window</h1></html>',
    )
    if (url.pathname === '/callback') arrived(url)
  })
  await new Promise<void>((resolve) => server.listen(0, host.replace(/[[\]]/g, ''), resolve))
  const { port } = server.address() as AddressInfo
  return {
    redirectUri: `http://${host}:${port}/callback`,
    callback,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
