import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AccessTokenClaims, createAccessTokenVerifier } from './access-token.ts'
import { applyCors } from './cors.ts'
import { createNotes, readNoteText } from './notes.ts'
import { Refusal, refusalReply } from './refusal.ts'
import type { Reply } from './reply.ts'

export interface DemoApiOptions {
  /** Whose tokens are accepted. */
  readonly issuer: string
  /** This API's identifier and its own URL, e.g. `http://localhost:4002`: the `aud` of tokens for it (RFC 8707). */
  readonly audience: string
  /** Origins of apps that may call from a browser. */
  readonly allowedOrigins?: readonly string[]
  /** Errors say what was received and expected. Default true: this is an example. */
  readonly development?: boolean
  /** Listens on localhost at once; without it, call `listen` yourself. */
  readonly port?: number
}

export const SCOPES = ['notes:read', 'notes:write', 'notes:delete'] as const

interface Route {
  /** `null`: open to all. `''`: any valid token. */
  readonly scope: (typeof SCOPES)[number] | '' | null
  readonly handle: (request: IncomingMessage, claims: AccessTokenClaims) => Reply | Promise<Reply>
}

/** A small API that takes JWT access tokens (RFC 9068) from one issuer. Nothing happens before the first request. */
export function createDemoApi(options: DemoApiOptions): Server {
  const { issuer, audience, development = true, allowedOrigins = [] } = options
  const verify = createAccessTokenVerifier({ issuer, audience })
  const notes = createNotes()
  const metadataUrl = new URL('/.well-known/oauth-protected-resource', audience).href

  const routes: Readonly<Record<string, Route>> = {
    // For whoever opens the address that the terminal printed.
    'GET /': {
      scope: null,
      handle: () => ({
        status: 200,
        body: {
          name: 'Pixy demo API',
          audience,
          try: ['GET /api/me', 'GET /api/notes', 'POST /api/notes'],
          metadata: metadataUrl,
        },
      }),
    },
    'GET /healthz': { scope: null, handle: () => ({ status: 200, body: { status: 'ok' } }) },
    // RFC 9728 §2: how a client finds out where to get a token for this API.
    'GET /.well-known/oauth-protected-resource': {
      scope: null,
      handle: () => ({
        status: 200,
        body: {
          resource: audience,
          resource_name: 'Pixy demo API',
          authorization_servers: [issuer],
          scopes_supported: SCOPES,
          bearer_methods_supported: ['header'],
        },
      }),
    },
    'GET /api/me': { scope: '', handle: (_, claims) => ({ status: 200, body: claims }) },
    'GET /api/notes': {
      scope: 'notes:read',
      handle: (_, { sub }) => ({ status: 200, body: { notes: notes.of(sub) } }),
    },
    'POST /api/notes': {
      scope: 'notes:write',
      handle: async (request, { sub }) => ({
        status: 201,
        body: notes.add(sub, await readNoteText(request)),
      }),
    },
    'DELETE /api/notes': {
      scope: 'notes:delete',
      handle: (_, { sub }) => ({ status: 200, body: { notes: notes.clear(sub) } }),
    },
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const [pathname = '/'] = (request.url ?? '/').split('?')
    const route = routes[`${request.method} ${pathname}`]
    if (!route)
      return {
        status: 404,
        body: { error: 'not_found', error_description: `No ${request.method} ${pathname} here.` },
      }
    if (route.scope === null) return route.handle(request, NOBODY)
    const claims = await verify(request.headers.authorization)
    if (route.scope !== '') requireScope(claims, route.scope)
    return route.handle(request, claims)
  }

  const server = createServer((request, response) => {
    const preflight = applyCors(request, response, allowedOrigins)
    if (preflight) return
    answer(request)
      .catch((error: unknown) => {
        if (error instanceof Refusal) return refusalReply(error, { metadataUrl, development })
        return {
          status: 500,
          body: { error: 'server_error', error_description: 'This is a fault of the API.' },
        }
      })
      .then((reply) => send(response, reply))
  })
  return options.port === undefined ? server : server.listen(options.port, 'localhost')
}

const NOBODY: AccessTokenClaims = { sub: '', client_id: '', scope: '', aud: '', iss: '', exp: 0, iat: 0 }

/** RFC 6750 §3.1 `insufficient_scope`: the token is good, and not for this. */
function requireScope({ scope }: AccessTokenClaims, needed: string): void {
  if (scope.split(' ').includes(needed)) return
  throw new Refusal(403, 'insufficient_scope', {
    reason: 'scope_missing',
    description: `This needs the scope ${needed}.`,
    received: scope || '(no scope)',
    expected: needed,
    fix: `Ask for ${needed} in the authorization request. If the app did: the user left it unticked at consent.`,
    scope: needed,
  })
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(JSON.stringify(body))
}
