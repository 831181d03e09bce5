import { isJsonObject, isShallow, parseJson } from './json.ts'
import type { JsonValue, Problem } from './types.ts'

/** How one claim is asked for (OIDC Core §5.5.1). */
export interface ClaimRequest {
  readonly essential: boolean
  readonly value?: JsonValue
  readonly values?: readonly JsonValue[]
}

/** By claim name, which may carry a language tag (`family_name#ja`). The object has no prototype. */
export type ClaimRequests = Readonly<Record<string, ClaimRequest>>

/** The `claims` parameter (OIDC Core §5.5). A member that was not sent is empty. */
export interface ClaimsRequest {
  readonly userinfo: ClaimRequests
  readonly id_token: ClaimRequests
}

export type ClaimsRequestProblem = Problem<
  'too_large' | 'too_deep' | 'not_json' | 'not_an_object' | 'wrong_member'
>

const MAX_LENGTH = 8192
const MAX_DEPTH = 20

/**
 * Reads `claims`. Members other than `userinfo` and `id_token` are ignored, and so are unknown ones of a
 * claim.
 */
export function parseClaimsRequest(json: string): ClaimsRequest | ClaimsRequestProblem {
  if (json.length > MAX_LENGTH) return { problem: 'too_large' }
  if (!isShallow(json, MAX_DEPTH)) return { problem: 'too_deep' }
  const parsed = parseJson(json)
  if (parsed === undefined) return { problem: 'not_json' }
  if (!isJsonObject(parsed)) return { problem: 'not_an_object' }
  const userinfo = parseMember(parsed.userinfo)
  const idToken = parseMember(parsed.id_token)
  if (userinfo === undefined || idToken === undefined) return { problem: 'wrong_member' }
  return { userinfo, id_token: idToken }
}

function parseMember(member: JsonValue | undefined): ClaimRequests | undefined {
  const requests: Record<string, ClaimRequest> = Object.create(null)
  if (member === undefined || member === null) return requests
  if (!isJsonObject(member)) return undefined
  for (const [name, value] of Object.entries(member)) {
    const request = parseClaim(value)
    if (request === undefined) return undefined
    requests[name] = request
  }
  return requests
}

/** `null` asks for the claim as a voluntary one. */
function parseClaim(claim: JsonValue): ClaimRequest | undefined {
  if (claim === null) return { essential: false }
  if (!isJsonObject(claim)) return undefined
  const essential = claim.essential ?? false
  const value = claim.value
  const values = claim.values
  if (typeof essential !== 'boolean' || (values !== undefined && !isArray(values))) return undefined
  return { essential, ...(value !== undefined && { value }), ...(values !== undefined && { values }) }
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
