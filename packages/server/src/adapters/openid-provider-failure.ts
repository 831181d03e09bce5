import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { FetchRefused, ProviderFailure } from '../core/ports.ts'

const BUSY = new Set(['temporarily_unavailable', 'server_error'])

/**
 * What a failed exchange with a provider comes down to. Security: the library's errors carry whole responses, with
 * codes and tokens in them. Nothing of them goes on but its own code, and the provider's where that is a plain word.
 */
export function providerFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error
  if (error instanceof FetchRefused) return new ProviderFailure('unreachable', error.message)
  if (error instanceof AuthorizationResponseError) {
    const code = word(error.error)
    if (code === 'access_denied') return new ProviderFailure('denied', code)
    return new ProviderFailure(BUSY.has(code) ? 'unreachable' : 'refused', code)
  }
  if (error instanceof ResponseBodyError) {
    const busy = error.status >= 500 || BUSY.has(error.error)
    return new ProviderFailure(busy ? 'unreachable' : 'refused', `${word(error.error)} (${error.status})`)
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return new ProviderFailure('refused', `the answer is ${error.status}`)
  }
  if (error instanceof ClientError) return clientFailure(error)
  return new ProviderFailure('invalid', 'the answer cannot be understood')
}

function clientFailure(error: ClientError): ProviderFailure {
  const { cause, code } = error
  if (cause instanceof FetchRefused) return new ProviderFailure('unreachable', cause.message)
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') {
    return new ProviderFailure('unreachable', 'no answer in time')
  }
  if (code === 'OAUTH_HTTP_REQUEST_FORBIDDEN')
    return new ProviderFailure('unreachable', 'only https is allowed')
  if (cause instanceof Response && code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') {
    const busy = cause.status >= 500 || cause.status === 429
    return new ProviderFailure(busy ? 'unreachable' : 'invalid', `the answer is ${cause.status}`)
  }
  return new ProviderFailure('invalid', code ?? 'the answer cannot be understood')
}

function word(text: string): string {
  return /^[a-z_]{1,60}$/.test(text) ? text : 'an error of its own'
}
