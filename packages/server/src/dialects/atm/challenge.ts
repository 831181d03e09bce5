import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { throttled } from '../../core/decisions/refusal.ts'
import type { Exchange } from '../../core/exchange.ts'
import { hashHandle, looksLikeHandle } from '../../core/handles.ts'
import { attemptWithin } from '../../core/throttling/attempts.ts'
import { verifierLimit } from '../../core/throttling/limits.ts'
import { throttleKey } from '../../core/throttling/throttle-key.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { ErrorDetail } from '../../protocol/oauth-error.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { describeMethod, isCodeVerifier } from '../../protocol/pkce.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { AtmDeviation } from './deviations.ts'

/** ATM's methods: the hash, and how many hexadecimal digits it has. */
const METHODS = {
  SHA256: { digest: 'sha256', digits: 64, deviation: 'atm_hex_challenge' },
  SHA512: { digest: 'sha512', digits: 128, deviation: 'atm_sha512_challenge' },
} as const

type Method = keyof typeof METHODS

const MAX_VERIFIER = 128

interface Translation {
  readonly value: string
  readonly deviations: readonly AtmDeviation[]
}

/**
 * The `code_challenge` that core is given. ATM's is the hex digest of a verifier of any length. Core knows S256 alone
 * (RFC 7636 §4.2), so the dialect makes a verifier of full length out of that digest, and core gets the challenge of it.
 * A standard challenge passes as it is.
 *
 * Security: the derived verifier needs a key of the workspace. Who saw the digest in a URL cannot make it, so a code of
 * this dialect is worth nothing at `/oauth2/token`, and PKCE of standard codes is as strong as ever.
 *
 * @throws {Refusal} `code_challenge_missing`, `code_challenge_method_unsupported`, `code_challenge_malformed`
 */
export function coreChallenge({ workspace, flow }: Exchange, given: Parameters): Translation {
  const challenge = given.get('code_challenge')
  const method = given.get('code_challenge_method')
  if (challenge === undefined) {
    const fix = 'Send code_challenge: sha256(code_verifier) in hexadecimal, and code_challenge_method=SHA256.'
    return flow.refuse('code_challenge_missing', { fix })
  }
  if (method === 'S256') return { value: challenge, deviations: [] }
  if (!isMethod(method)) {
    const { received } = describeMethod(method)
    const expected = 'SHA256 or SHA512'
    const fix = `Send code_challenge_method=SHA256 with a hexadecimal digest${method === 'SHA246' ? ': SHA246 is a misprint in ATM’s page' : ''}.`
    return flow.refuse('code_challenge_method_unsupported', {
      received: received.replace(', which means plain', ''),
      expected,
      fix,
    })
  }
  const { digits, deviation } = METHODS[method]
  flow.check('code_challenge_malformed', isDigest(challenge, digits), () => describeDigest(challenge, method))
  return { value: s256(derivedVerifier(workspace, challenge)), deviations: [deviation] }
}

/**
 * The `code_verifier` that core is given: the derived one that belongs to the code, or the sent one where the code has a
 * standard challenge. Where neither fits core gets one that cannot fit either, and refuses in its own order.
 *
 * @throws {Refusal} `code_verifier_malformed`, `code_verifier_throttled`
 */
export async function coreVerifier(
  exchange: Exchange,
  client: ClientRecord,
  form: Parameters,
): Promise<Translation | undefined> {
  const { deps, workspace, flow } = exchange
  const verifier = form.get('code_verifier')
  if (verifier === undefined) return undefined
  flow.check('code_verifier_malformed', verifier.length <= MAX_VERIFIER, () => ({
    received: `${verifier.length} characters`,
    expected: `1 to ${MAX_VERIFIER} characters`,
    fix: `The length is ${verifier.length}, it must be at most ${MAX_VERIFIER}.`,
  }))
  const code = form.get('code') ?? ''
  const record = looksLikeHandle(code)
    ? await deps.store.codes.find(workspace.id, hashHandle(code))
    : undefined
  const known = record?.authorization.clientId === client.clientId ? record.codeChallenge : null
  if (known !== null && isSame(s256(verifier), known)) return { value: verifier, deviations: [] }
  const [ofSha256 = '', ofSha512 = ''] = [METHODS.SHA256, METHODS.SHA512].map(({ digest }) =>
    derivedVerifier(workspace, hash(digest, verifier, 'hex')),
  )
  const fits =
    known === null ? undefined : await fittingOf(exchange, [ofSha256, ofSha512], known, hashHandle(code))
  return {
    value: fits ?? ofSha256,
    deviations: isCodeVerifier(verifier) ? [] : ['atm_short_verifier'],
  }
}

/**
 * The one of two derived verifiers that belongs to the challenge.
 *
 * Security: ATM's verifiers may be so short that who has a code finds its verifier by trying, so failures are counted for
 * each code. Nothing is counted of codes that nobody has.
 */
async function fittingOf(
  exchange: Exchange,
  derived: readonly string[],
  known: string,
  codeHash: string,
): Promise<string | undefined> {
  const { deps, workspace } = exchange
  const key = throttleKey(workspace, `verifier ${codeHash}`)
  const fitting = await attemptWithin(exchange, [[key, verifierLimit]], async () => {
    const fits = derived.find((one) => isSame(s256(one), known))
    if (fits === undefined)
      await deps.store.throttles.fail(workspace.id, key, deps.clock.now(), verifierLimit)
    return fits
  })
  if (typeof fitting === 'number') throw throttled('code_verifier_throttled', fitting)
  return fitting
}

function derivedVerifier({ secrets }: Workspace, digest: string): string {
  return createHmac('sha256', secrets.tagKey).update(`pixy atm challenge ${digest}`).digest('base64url')
}

function s256(verifier: string): string {
  return hash('sha256', verifier, 'base64url')
}

function isSame(challenge: string, known: string): boolean {
  const [own, stored] = [Buffer.from(challenge), Buffer.from(known)]
  return own.length === stored.length && timingSafeEqual(own, stored)
}

function isMethod(text: string | undefined): text is Method {
  return text !== undefined && Object.hasOwn(METHODS, text)
}

function isDigest(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text)
}

function describeDigest(challenge: string, method: Method): ErrorDetail {
  const { digest, digits } = METHODS[method]
  const expected = `${digits} hexadecimal digits in lower case: the ${method} of code_verifier`
  const received = `${challenge.length} characters`
  const other = method === 'SHA256' ? 'SHA512' : 'SHA256'
  if (isDigest(challenge.toLowerCase(), digits))
    return { received: 'digits in upper case', expected, fix: 'Send the digits in lower case.' }
  if (isDigest(challenge, METHODS[other].digits))
    return { received, expected, fix: `This is a ${other}: send code_challenge_method=${other}.` }
  if (/^[A-Za-z0-9_-]{43}$/.test(challenge))
    return {
      received: '43 characters of base64url',
      expected,
      fix: 'This is the challenge of RFC 7636: send it with code_challenge_method=S256.',
    }
  const fix = `Send createHash('${digest}').update(code_verifier).digest('hex').`
  return { received, expected, fix }
}
