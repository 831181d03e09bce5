import { AuthError } from './errors.ts'
import { readObject, send } from './http.ts'
import type { Platform } from './platform.ts'
import type { Trace } from './trace.ts'

/** The members of the server's metadata that this client uses (OIDC Discovery §3, RFC 8414 §2). */
export interface ServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly userinfo_endpoint?: string
  readonly revocation_endpoint?: string
  readonly end_session_endpoint?: string
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly id_token_signing_alg_values_supported?: readonly string[]
  readonly [member: string]: unknown
}

/** The metadata, fetched when first needed, once; a failure is not remembered. */
export function createDiscovery(
  issuer: string,
  platform: Platform,
  trace: Trace,
): () => Promise<ServerMetadata> {
  let pending: Promise<ServerMetadata> | undefined
  return () => {
    pending ??= discover(issuer, platform, trace).catch((error: unknown) => {
      pending = undefined
      throw error
    })
    return pending
  }
}

async function discover(issuer: string, platform: Platform, trace: Trace): Promise<ServerMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const metadata = await readObject(await send(platform, url), url).catch((cause: unknown) => {
    if (cause instanceof AuthError && cause.code === 'network_error') throw cause
    throw new AuthError('discovery_failed', `${url} did not answer with the server's metadata.`, { cause })
  })
  // OIDC Discovery §4.3: the two must be identical, or every later `iss` check would be against the wrong name.
  if (metadata.issuer !== issuer) {
    throw new AuthError('issuer_mismatch', 'The server goes by another issuer than the one configured.', {
      received: String(metadata.issuer),
      expected: issuer,
      hint: `Set issuer to exactly "${metadata.issuer}": scheme, localhost or 127.0.0.1, port and trailing slash count.`,
    })
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
    checkWebUrl(name, metadata[name])
  for (const name of ['userinfo_endpoint', 'revocation_endpoint', 'end_session_endpoint']) {
    if (metadata[name] !== undefined) checkWebUrl(name, metadata[name])
  }
  trace({ step: 'discovery', url, metadata })
  return metadata as ServerMetadata // every member it promises was checked just above
}

/** Security: the browser is sent to some of these, and `javascript:` would run in the app. */
function checkWebUrl(name: string, value: unknown): void {
  if (typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)) return
  throw new AuthError('discovery_failed', `The server's metadata has no usable ${name}.`)
}
