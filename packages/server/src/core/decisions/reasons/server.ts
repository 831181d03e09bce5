import type { ReasonEntry } from './reason-entry.ts'

/** What is ours: hosts, paths, limits, troubles; and the dialects. */
export const serverReasons = {
  host_unknown: {
    error: 'invalid_request',
    rule: 'RFC 9110 §15.5.20',
    description: 'Nothing is served under this host name.',
    fix: 'Use the host of the issuer, or add this one to the hosts of the tenant.',
    status: 421,
  },
  path_unknown: {
    error: 'invalid_request',
    rule: 'RFC 9110 §15.5.5',
    description: 'There is nothing here.',
    fix: 'Look the endpoints up in the discovery document.',
    status: 404,
  },
  body_too_large: {
    error: 'invalid_request',
    rule: 'RFC 9110 §15.5.14',
    description: 'The request body is too large.',
    fix: 'Send at most 64 KiB.',
    status: 413,
  },
  headers_too_large: {
    error: 'invalid_request',
    rule: 'RFC 6585 §5',
    description: 'The request headers are too large.',
    fix: 'Send less than 16 KiB of headers.',
    status: 431,
  },
  request_unreadable: {
    error: 'invalid_request',
    rule: 'RFC 9112 §2',
    description: 'The request is not valid HTTP.',
    fix: 'Send HTTP/1.1 with a Host header.',
  },
  store_unavailable: {
    error: 'temporarily_unavailable',
    rule: 'RFC 6749 §4.1.2.1',
    description: 'The service is not available at the moment.',
    fix: 'Try again soon; the operator finds the cause in the log.',
    status: 503,
    blame: 'server',
  },
  hasher_busy: {
    error: 'temporarily_unavailable',
    rule: 'RFC 6749 §4.1.2.1',
    description: 'Too many sign-ins at once.',
    fix: 'Try again in a few seconds.',
    status: 503,
    blame: 'server',
  },
  server_failed: {
    error: 'server_error',
    rule: 'RFC 6749 §4.1.2.1',
    description: 'Something went wrong here.',
    fix: 'The operator finds the cause in the log under the reference.',
    status: 500,
    blame: 'server',
  },
  dialect_off: {
    error: 'invalid_request',
    rule: 'RFC 6749 §3',
    description: 'This request is not one of OAuth 2.0, and this client is served by the standard alone.',
    fix: 'Send the standard request.',
    status: 400,
    anonymous: true,
  },
  dialect_used: {
    error: 'invalid_request',
    rule: 'RFC 6749 §3',
    description: 'The request came in the words of an older system and was translated.',
    fix: 'Change the client; pixy client deviations ID tells what is left to change.',
  },
} as const satisfies Record<string, ReasonEntry>
