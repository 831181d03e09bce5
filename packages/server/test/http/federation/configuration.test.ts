import { afterEach, describe, expect, it } from 'vitest'
import { applyConfig } from '../../../src/config/apply.ts'
import { ConfigError, type PixyConfigInput, parseConfig } from '../../../src/config/schema.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { brokerConfig, closeProviders, OUR_SECRET, startBroker } from './support.ts'

afterEach(closeProviders)

const corp = 'https://idp.example'

/** The configuration with other members of the source `corp`; `undefined` removes one. */
function changed(members: Readonly<Record<string, unknown>>): PixyConfigInput {
  const config = structuredClone(brokerConfig({ corp }))
  const source = config.tenants?.[0]?.workspaces?.[0]?.identity_sources?.find(({ id }) => id === 'corp')
  if (!source) throw new Error('no such source')
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) Reflect.deleteProperty(source, name)
    else Reflect.set(source, name, value)
  }
  return config
}

async function apply(as: TestAs, members: Readonly<Record<string, unknown>> = {}) {
  const { deps } = as.server.pixy
  const { changes } = await applyConfig(deps, parseConfig({ ...changed(members), url: as.server.url }))
  const [stored] = await deps.store.workspaces.list()
  return { changes, source: stored?.settings.identity_sources.find(({ id }) => id === 'corp') }
}

forEachStore((start) => {
  describe('identity_sources of type oidc', () => {
    it('keep what is sealed while nothing changes, and seal another secret or for another issuer anew', async () => {
      const { as } = await startBroker(start)
      const first = await apply(as)
      expect(first.source).toMatchObject({ type: 'oidc', name: 'Acme Corp', issuer: corp })
      const again = await apply(as)
      expect(again).toEqual({ changes: [], source: first.source })
      const other = await apply(as, { client_secret: 'another secret' })
      expect(other.changes).toHaveLength(1)
      const moved = await apply(as, { issuer: 'https://idp2.example' })
      const sealed = [first, other, moved].map(({ source }) => source?.client_secret_sealed)
      expect(new Set(sealed).size).toBe(3)
      expect(JSON.stringify([first, other, moved])).not.toContain(OUR_SECRET)
      const none = await apply(as, { client_secret: undefined })
      expect(none.source?.client_secret_sealed).toBeUndefined()
    })

    it.each([
      [{ issuer: undefined }, 'issuer'],
      [{ issuer: 'http://idp.example' }, 'issuer'],
      [{ issuer: 'https://idp.example?tenant=1' }, 'issuer'],
      [{ client_id: '' }, 'client_id'],
      [{ client_secret: ['a secret in a list'] }, 'client_secret'],
    ])('are refused with %o, and no secret is repeated', (members, named) => {
      let problem = ''
      try {
        parseConfig(changed(members))
      } catch (error) {
        if (error instanceof ConfigError) problem = error.message
      }
      expect(problem).toContain(named)
      expect(problem).not.toContain('secret in a list')
      expect(problem).not.toContain(OUR_SECRET)
    })
  })
})
