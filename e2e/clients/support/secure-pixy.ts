import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { systemClock } from '../../../packages/server/src/adapters/clock.ts'
import { createLogger } from '../../../packages/server/src/adapters/logger.ts'
import { createPixy } from '../../../packages/server/src/compose.ts'
import { parseConfig } from '../../../packages/server/src/config/schema.ts'
import { readTls } from '../../../packages/server/src/start/tls.ts'
import { type Client, configOf } from './pixy.ts'
import { openSite } from './site.ts'

export interface SecurePixy {
  readonly issuer: string
  close(): Promise<void>
}

/** As `pixy start --production --tls-self-signed`, with a certificate that this process trusts from now on. */
export async function startSecurePixy(clients: readonly Client[]): Promise<SecurePixy> {
  const { port, close } = await openSite(() => undefined) // a port that is free: the issuer names it
  await close()
  const url = `https://localhost:${port}`
  const tls = await readTls({ tlsSelfSigned: true })
  const pixy = await createPixy({
    config: parseConfig({ ...configOf(clients), url }, { production: true }),
    database: 'sqlite::memory:',
    secret: 'of a server that keeps nothing',
    production: true,
    clock: systemClock,
    log: createLogger({ level: 'error' }),
    tls,
  })
  await pixy.http.listen({ port, host: 'localhost' })
  setDefaultCACertificates([...getCACertificates('default'), tls?.cert ?? ''])
  return { issuer: `${url}/acme/main`, close: () => pixy.close() }
}
