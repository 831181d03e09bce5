import type { ReasonEntry } from './reason-entry.ts'

/** Token exchange (RFC 8693). */
export const tokenExchangeReasons = {
  subject_token_missing: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.1',
    description: 'The subject_token is missing.',
    fix: 'Send the access token to exchange as subject_token.',
    param: 'subject_token',
  },
  subject_token_type_missing: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.1',
    description: 'The subject_token_type is missing.',
    fix: 'Add subject_token_type=urn:ietf:params:oauth:token-type:access_token',
    param: 'subject_token_type',
  },
  subject_token_type_unsupported: {
    error: 'invalid_request',
    rule: 'RFC 8693 §3',
    description: 'The subject_token_type is not supported.',
    fix: 'Send an access token of this issuer, and subject_token_type=urn:ietf:params:oauth:token-type:access_token',
    param: 'subject_token_type',
  },
  subject_token_invalid: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.2.2',
    description: 'The subject_token is not a live access token of this issuer.',
    fix: 'Send an access token of this workspace unchanged, before it ends; ID tokens, codes and refresh tokens cannot be exchanged.',
    param: 'subject_token',
  },
  subject_token_without_user: {
    error: 'invalid_request',
    rule: 'RFC 8693 §1.1',
    description: 'The subject_token is of no user.',
    fix: 'Exchange tokens of users only; a client gets tokens of its own by client_credentials.',
    param: 'subject_token',
  },
  actor_token_missing: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.1',
    description: 'The actor_token_type came without an actor_token.',
    fix: 'Send both, or none: then the client itself is the actor.',
    param: 'actor_token',
  },
  actor_token_type_missing: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.1',
    description: 'The actor_token came without an actor_token_type.',
    fix: 'Add actor_token_type=urn:ietf:params:oauth:token-type:access_token',
    param: 'actor_token_type',
  },
  actor_token_type_unsupported: {
    error: 'invalid_request',
    rule: 'RFC 8693 §3',
    description: 'The actor_token_type is not supported.',
    fix: 'Send an access token of this issuer, and actor_token_type=urn:ietf:params:oauth:token-type:access_token',
    param: 'actor_token_type',
  },
  actor_token_invalid: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.2.2',
    description: 'The actor_token is not a live access token of the actor itself.',
    fix: 'Send an access token of this workspace that the actor got for itself, unchanged and before it ends.',
    param: 'actor_token',
  },
  actor_chain_too_long: {
    error: 'invalid_request',
    rule: 'RFC 8693 §4.1',
    description: 'Too many have acted for the user one after the other.',
    fix: 'Look for two services that hand the request to each other; else get a token nearer to the user.',
    param: 'subject_token',
  },
  requested_token_type_unsupported: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.1',
    description: 'The requested_token_type cannot be issued.',
    fix: 'Leave it out, or send requested_token_type=urn:ietf:params:oauth:token-type:access_token',
    param: 'requested_token_type',
  },
  token_exchange_forbidden: {
    error: 'invalid_request',
    rule: 'RFC 8693 §2.2.2',
    description: 'This client may not exchange this token.',
    fix: 'Name its client in subject_clients, or its API in subject_resources, of token_exchange of this client.',
    param: 'subject_token',
  },
} as const satisfies Record<string, ReasonEntry>
