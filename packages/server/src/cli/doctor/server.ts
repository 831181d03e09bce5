import { connect } from 'node:net'
import { isLoopbackHost } from '../../protocol/uri.ts'
import { errorBody } from '../errors.ts'
import { Failure } from '../failure.ts'
import { discover } from '../login/discovery.ts'
import { Http } from '../login/http.ts'
import { type Check, type Finding, findings } from './finding.ts'

/** The port is free, or it is Pixy who listens there. */
export const checkPort: Check = async ({ place, config, runningIssuers }) => {
  const { ok, error } = findings('port')
  const port = place.env.port ?? config?.port ?? localPort(runningIssuers?.[0]) ?? 4000
  if (!(await isTaken(port))) return [ok(`port ${port} is free`)]
  if (await isPixy(port)) return [ok(`port ${port} is served by Pixy`)]
  const fix = 'Stop it, or choose another: pixy start --port N. Without --port the next free one is taken.'
  return [error(`something else listens on port ${port}`, fix)]
}

/** Each issuer answers under its own name, and calls itself by it. */
export const checkIssuers: Check = async ({ deps, runningIssuers }) => {
  const { ok, error, skipped } = findings('issuer')
  const issuers = runningIssuers ?? deps?.workspaces.list().map(({ issuer }) => issuer) ?? []
  if (issuers.length === 0) return [skipped('there are no workspaces')]
  const found: Finding[] = []
  for (const issuer of issuers.slice(0, 20)) {
    try {
      await discover(new Http(), issuer)
      found.push(ok(`${issuer} = discovery`))
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause
      const { message, received, fix } = errorBody(cause)
      if (!runningIssuers && cause.reason === 'issuer_unreachable')
        found.push(skipped(`${issuer} was not asked: no server runs`))
      else
        found.push(
          error(
            `${issuer}: ${message}${received ? ` (${received})` : ''}`,
            fix ?? 'See the log of the server.',
          ),
        )
    }
  }
  return found
}

/** The port of an issuer on this machine: the demo moves to the next free one. */
function localPort(issuer: string | undefined): number | undefined {
  const url = issuer === undefined ? null : URL.parse(issuer)
  if (!url || !isLoopbackHost(url.hostname)) return undefined
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost', timeout: 2000 })
    const give = (taken: boolean) => {
      socket.destroy()
      resolve(taken)
    }
    socket.once('connect', () => give(true))
    socket.once('timeout', () => give(false))
    socket.once('error', () => give(false))
  })
}

async function isPixy(port: number): Promise<boolean> {
  for (const scheme of ['http', 'https']) {
    try {
      const { status, value } = await new Http().json('health', `${scheme}://localhost:${port}/healthz`)
      if (status === 200 && value.status === 'ok') return true
    } catch {
      // Not this scheme, or not Pixy.
    }
  }
  return false
}
