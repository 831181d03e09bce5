export interface Config {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly postLogoutRedirectUri: string
  readonly api: string
  readonly scope: string
  readonly otherClientId: string
  readonly codeLifetime: number
}

/** @throws Error where the server of this page has no usable `/config.json` */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json')
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  const text = (name: string, fallback?: string): string => {
    const value = body[name] ?? fallback
    if (typeof value !== 'string') throw new Error(`/config.json has no ${name}`)
    return value
  }
  return {
    issuer: text('issuer'),
    clientId: text('client_id'),
    redirectUri: text('redirect_uri'),
    postLogoutRedirectUri: text('post_logout_redirect_uri', `${location.origin}/`),
    api: text('api'),
    scope: text('scope'),
    otherClientId: text('other_client_id', 'somebody-else'),
    codeLifetime: typeof body.code_lifetime === 'number' ? body.code_lifetime : 60,
  }
}
