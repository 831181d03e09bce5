import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoSpa } from '../src/server.ts'

const config = {
  issuer: 'http://localhost:4000',
  client_id: 'demo-spa',
  redirect_uri: 'http://localhost:4001/callback',
  api: 'http://localhost:4002',
  scope: 'openid',
}

let server: Server
let origin: string

beforeAll(async () => {
  server = createDemoSpa({ config })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
})

/** A request as it is written, without the tidying that `fetch` does to paths. */
function raw(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    })
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

describe('the server of the demo app', () => {
  it('serves the same page at / and at the callback', async () => {
    const [home, callback] = await Promise.all(['/', '/callback?code=x'].map((path) => fetch(origin + path)))
    expect(home?.headers.get('Content-Type')).toContain('text/html')
    expect(await home?.text()).toBe(await callback?.text())
  })

  it('tells the app its configuration', async () => {
    expect(await (await fetch(`${origin}/config.json`)).json()).toEqual(config)
  })

  it('allows its import map by hash, its two servers, and nothing else', async () => {
    const response = await fetch(origin)
    const [, importMap = ''] = /importmap">([^<]*)</.exec(await response.text()) ?? []
    const hash = createHash('sha256').update(importMap).digest('base64')
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(JSON.parse(importMap)).toEqual({ imports: { '@pixy/browser': '/pixy-browser/index.js' } })
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'self' 'sha256-${hash}'`,
      "style-src 'self'",
      "connect-src 'self' http://localhost:4000 http://localhost:4002",
      "img-src 'self' data:",
      "form-action 'self' http://localhost:4000",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
  })

  it('serves styles with their type', async () => {
    expect((await fetch(`${origin}/base.css`)).headers.get('Content-Type')).toBe('text/css; charset=utf-8')
  })

  it.each([
    '/package.json',
    '/../package.json',
    '/app/../../package.json',
    '/app/..%2f..%2fpackage.json',
    '/pixy-browser/../package.json',
    '/app/%00.js',
    '/app',
    '//etc/passwd',
    '//',
    '/..\\package.json',
  ])('has no %s', async (path) => {
    expect(await raw(path)).toMatch(/^HTTP\/1\.1 (400|404) /)
  })

  it('answers nothing but GET and HEAD', async () => {
    expect((await fetch(origin, { method: 'POST' })).status).toBe(405)
  })
})
