import { Failure } from '../failure.ts'
import { discover, type IssuerMetadata } from './discovery.ts'
import { type Http, type JsonRecord, refusedBy, requestLine, textOf } from './http.ts'
import { type LoginRequest, type LoginResult, requestAsClient, requestTokens, verified } from './login.ts'

/** What the person needs on the other device. */
export interface UserCode {
  readonly userCode: string
  readonly verificationUri: string
}

export interface DeviceLogin {
  /** Seconds to wait for the person, at most. */
  readonly timeout: number
  show(code: UserCode): void
  pause(seconds: number): Promise<void>
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const DEFAULT_INTERVAL = 5
const PENALTY = 5

/** The device grant (RFC 8628 §3.4, §3.5), from discovery to verified tokens. */
export async function logInOnAnotherDevice(
  http: Http,
  request: LoginRequest,
  { timeout, show, pause }: DeviceLogin,
): Promise<LoginResult> {
  const metadata = await discover(http, request.issuer)
  const codes = await askForCodes(http, metadata, request)
  show({ userCode: need(codes, 'user_code'), verificationUri: need(codes, 'verification_uri') })
  const grant = { grant_type: DEVICE_CODE, device_code: need(codes, 'device_code') }
  // Of an interval below a second there would be no end.
  let interval = typeof codes.interval === 'number' ? Math.max(1, codes.interval) : DEFAULT_INTERVAL
  for (let waited = 0; waited < timeout; waited += interval) {
    await pause(interval)
    const answer = await requestTokens(http, metadata, request, grant)
    if (answer.status === 200) return verified(http, metadata, request, answer.value)
    const error = textOf(answer.value, 'error')
    if (error === 'slow_down') interval += PENALTY
    else if (error !== 'authorization_pending') throw refusedBy(answer, requestLine(http.sent.at(-1)))
    // One line of the report stands for all polls that found nothing.
    http.sent.pop()
  }
  throw new Failure('login_timed_out', `Nobody signed in within ${timeout} s.`, {
    fix: 'Try again: pixy login --device',
  })
}

async function askForCodes(
  http: Http,
  { deviceAuthorizationEndpoint: endpoint }: IssuerMetadata,
  request: LoginRequest,
): Promise<JsonRecord> {
  if (endpoint === undefined) {
    throw new Failure('metadata_incomplete', 'This issuer knows no device authorization.', {
      fix: 'Sign in with a browser: pixy login',
    })
  }
  const answer = await requestAsClient(http, 'device', endpoint, request, { scope: request.scope })
  if (answer.status !== 200) throw refusedBy(answer, requestLine(http.sent.at(-1)))
  return answer.value
}

function need(codes: JsonRecord, name: string): string {
  const value = textOf(codes, name)
  if (value !== undefined) return value
  throw new Failure('answer_incomplete', `The device authorization response has no ${name}.`)
}
