import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'

/** What can go wrong on demand, so that a client's handling of it can be tested. */
export interface FaultSettings {
  /** Answers of the token endpoint that are dropped after the work was done: the connection sees 502 and no body. */
  readonly drop_token_responses: number
  /** Milliseconds that the JWKS waits. */
  readonly slow_jwks: number
  /** A scope that is left out of what the consent page offers. */
  readonly withhold_scope: string | null
}

const NONE: FaultSettings = { drop_token_responses: 0, slow_jwks: 0, withhold_scope: null }
const LONGEST_DELAY = 30_000

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0

/** What each setting may be. */
const VALUES: Readonly<Record<keyof FaultSettings, (value: unknown) => boolean>> = {
  drop_token_responses: isCount,
  slow_jwks: isCount,
  withhold_scope: (value) => value === null || typeof value === 'string',
}

export class Faults {
  current: FaultSettings = NONE

  /** Replaces the settings named. Returns what is wrong with them, and then nothing is changed. */
  set(body: Readonly<Record<string, unknown>>): string | undefined {
    for (const [name, value] of Object.entries(body)) {
      if (!Object.hasOwn(VALUES, name)) return `unknown fault ${name}`
      if (!VALUES[name as keyof FaultSettings](value)) return `${name} cannot be ${JSON.stringify(value)}`
    }
    const next = { ...this.current, ...(body as Partial<FaultSettings>) }
    this.current = { ...next, slow_jwks: Math.min(LONGEST_DELAY, next.slow_jwks) }
    return undefined
  }

  reset(): void {
    this.current = NONE
  }

  /** Changes a request before it is served: a withheld scope is not asked for. */
  request(request: OAuthRequest): OAuthRequest {
    const { withhold_scope: withheld } = this.current
    if (withheld === null || !request.path.endsWith('/oauth2/authorize')) return request
    const query = new URLSearchParams(request.query)
    const scope = query.get('scope')
    if (scope === null) return request
    query.set(
      'scope',
      scope
        .split(' ')
        .filter((name) => name !== withheld)
        .join(' '),
    )
    return { ...request, query: query.toString() }
  }

  /** Changes an answer after it was made. */
  async reply(request: OAuthRequest, reply: OAuthReply | undefined): Promise<OAuthReply | undefined> {
    if (request.path.endsWith('/oauth2/token') && this.current.drop_token_responses > 0) {
      this.current = { ...this.current, drop_token_responses: this.current.drop_token_responses - 1 }
      return { status: 502, headers: { 'cache-control': 'no-store' }, body: '' }
    }
    if (request.path.endsWith('/jwks.json') && this.current.slow_jwks > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.current.slow_jwks))
    }
    return reply
  }
}
