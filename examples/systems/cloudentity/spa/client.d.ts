export interface Options {
  readonly baseUrl: string
  /** Absent where the issuer has no path. */
  readonly tenantId?: string
  readonly workspaceId?: string
  readonly clientId: string
  readonly redirectUri: string
  readonly silentRedirectUri?: string
  readonly scopes: readonly string[]
}

export interface Request {
  readonly scopes?: readonly string[]
  readonly state?: string
  readonly prompt?: string
  readonly idpHint?: string
  readonly loginHint?: string
}

export type Json = Readonly<Record<string, unknown>>

export interface Client {
  authorize(more?: Request): Promise<void>
  getAuth(options?: { readonly silent?: boolean }): Promise<Json | undefined>
  silentAuthentication(): Promise<boolean>
  userInfo(): Promise<Json>
  tokenExchange(options: { readonly subjectToken: string; readonly scope?: readonly string[] }): Promise<Json>
  revokeAuth(): Promise<Json>
  logout(): void
  getAccessToken(): string | null
}

export class AuthError extends Error {
  readonly error: string
  readonly detail: Json
}

/** `window`: what stands in for the browser's own, in tests. */
export function createClient(options: Options, window?: object): Client
