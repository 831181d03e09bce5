#!/usr/bin/env node
// Makes docs/images/pages.png, the picture of the README: three hosted pages side by side, as the built server shows them.
// node_modules/.bin/node scripts/screenshots.mjs
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { startTestServer } from '../packages/server/dist/index.js'
import { findChromium } from './chromium.mjs'
import { at } from './workspace.mjs'

const FILE = at('docs', 'images', 'pages.png')
const WIDTH = 540
const GAP = 20
const CALLBACK = 'https://notes.example/callback'
const ADA = { username: 'ada@example.com', password: 'lovely engines weave algebra' }

const workspace = {
  id: 'main',
  name: 'Acme',
  path: '/',
  sign_up: 'open',
  scopes: [
    { name: 'notes:read', description: 'See your notes' },
    { name: 'notes:write', description: 'Create and edit your notes' },
    { name: 'notes:delete', description: 'Delete your notes', sensitive: true },
  ],
  resources: [{ identifier: 'https://api.notes.example', name: 'Notes API', scopes: ['notes:read'] }],
  clients: [
    {
      client_id: 'notes',
      client_name: 'Notes',
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
      scope: 'openid profile email offline_access notes:read notes:write notes:delete',
    },
  ],
  users: [{ ...ADA, claims: { name: 'Ada Lovelace', email: ADA.username, email_verified: true } }],
}

const server = await startTestServer({ config: { tenants: [{ id: 'acme', workspaces: [workspace] }] } })
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
})
try {
  const pages = await takePictures()
  mkdirSync(at('docs', 'images'), { recursive: true })
  const picture = await compose(pages)
  writeFileSync(FILE, picture)
  console.log(`${FILE}: ${Math.round(picture.length / 1024)} kB`)
} finally {
  await browser.close()
  await server.close()
}

/** Sign-in, consent, and an error while developing; all as high as the highest of them. */
async function takePictures() {
  const context = await browser.newContext({ colorScheme: 'light', viewport: { width: WIDTH, height: 800 } })
  const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()))
  const [signIn, consent, error] = tabs
  await consent.goto(authorizationUrl(CALLBACK))
  await signIn.goto(authorizationUrl(CALLBACK))
  await signIn.fill('#username', ADA.username)
  await signIn.fill('#password', ADA.password)
  await consent.fill('#username', ADA.username)
  await consent.fill('#password', ADA.password)
  await consent.click('#login-submit')
  await consent.waitForSelector('#consent-form')
  await error.goto(authorizationUrl(`${CALLBACK}/`))
  const heights = await Promise.all(tabs.map((page) => page.evaluate('document.body.scrollHeight')))
  const height = Math.max(...heights)
  return Promise.all(
    tabs.map(async (page) => {
      await page.setViewportSize({ width: WIDTH, height })
      await page.evaluate('document.activeElement.blur()')
      return page.screenshot()
    }),
  )
}

function authorizationUrl(redirectUri) {
  return `${server.url}/oauth2/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'notes',
    redirect_uri: redirectUri,
    scope: workspace.clients[0].scope,
    resource: 'https://api.notes.example',
    state: 'xyz',
    code_challenge: createHash('sha256').update('for the picture alone').digest('base64url'),
    code_challenge_method: 'S256',
  })}`
}

async function compose(pictures) {
  const page = await browser.newPage({ viewport: { width: 3 * WIDTH + 4 * GAP, height: 100 } })
  const images = pictures.map((png) => `<img alt="" src="data:image/png;base64,${png.toString('base64')}">`)
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: ${GAP}px; display: flex; gap: ${GAP}px; background: #dfe4ec }
    img { width: ${WIDTH}px; border-radius: 16px }
  </style>${images.join('')}`)
  return page.screenshot({ fullPage: true })
}
