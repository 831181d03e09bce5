import type { ReasonEntry } from './reason-entry.ts'

/** What is wrong with any request before its endpoint reads it. */
export const requestReasons = {
  request_malformed: {
    error: 'invalid_request',
    rule: 'RFC 6749 App. B',
    description: 'The request is not valid form encoding.',
    fix: 'Encode names and values as application/x-www-form-urlencoded in UTF-8, without NUL.',
  },
  content_type_unsupported: {
    error: 'invalid_request',
    rule: 'RFC 6749 §4.1.3',
    description: 'The request body must be application/x-www-form-urlencoded.',
    fix: 'Send a form, not JSON: Content-Type application/x-www-form-urlencoded, body like grant_type=authorization_code&code=…',
  },
  json_body_malformed: {
    error: 'invalid_request',
    rule: 'RFC 8259 §4',
    description: 'The request body must be one flat JSON object, whose members are texts.',
    fix: 'Send Content-Type application/json and a body such as {"clientId":"…","code":"…"}: texts only, no lists or numbers.',
  },
  parameter_repeated: {
    error: 'invalid_request',
    rule: 'RFC 6749 §3.1',
    description: 'A parameter was sent more than once.',
    fix: 'Send each parameter once; only resource (and audience in a token exchange) may be repeated.',
  },
  parameters_in_query: {
    error: 'invalid_request',
    rule: 'RFC 6749 §2.3.1',
    description: 'Credentials and token parameters belong in the request body, not in the URL.',
    fix: 'Move the parameters from the query string to the form body.',
  },
  method_not_allowed: {
    error: 'invalid_request',
    rule: 'RFC 9110 §15.5.6',
    description: 'This endpoint does not serve this HTTP method.',
    fix: 'Use the method that the Allow header names.',
    status: 405,
  },
} as const satisfies Record<string, ReasonEntry>
