/** Token type identifiers (RFC 8693 §3). */
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
export const JWT = 'urn:ietf:params:oauth:token-type:jwt'

/**
 * What is taken and given: an access token of this workspace, called that, or by its format where it is a JWT. ID tokens
 * say who signed in where, not what may be done, and refresh tokens have a grant type of their own.
 */
export const TOKEN_TYPES: readonly string[] = [ACCESS_TOKEN, JWT]
