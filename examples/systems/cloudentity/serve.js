// Serves the single-page app: node serve.js
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 3000)
const config = {
  baseUrl: process.env.AUTHORIZATION_SERVER ?? 'http://localhost:4000',
  tenantId: process.env.TENANT_ID,
  workspaceId: process.env.WORKSPACE_ID,
  clientId: process.env.CLIENT_ID ?? 'demo-cloudentity',
  redirectUri: process.env.REDIRECT_URI ?? `http://localhost:${port}/callback`,
  scopes: (process.env.SCOPE ?? 'openid profile email revoke_tokens').split(' '),
}

const files = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/callback', ['index.html', 'text/html; charset=utf-8']],
  ['/app.js', ['app.js', 'text/javascript; charset=utf-8']],
  ['/client.js', ['client.js', 'text/javascript; charset=utf-8']],
])

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  if (pathname === '/config.json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(config))
    return
  }
  const [name, type] = files.get(pathname) ?? []
  if (!name) {
    response.writeHead(404).end()
    return
  }
  const body = await readFile(new URL(`spa/${name}`, import.meta.url))
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}).listen(port, 'localhost', () => console.log(`http://localhost:${port}`))
