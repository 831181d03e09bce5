import { MovableClock } from '../../src/adapters/clock.ts'
import { systemRandom } from '../../src/adapters/random.ts'
import { createVault } from '../../src/adapters/vault.ts'
import { type ApplyReport, applyConfig } from '../../src/config/apply.ts'
import { ConfigError, type PixyConfigInput, parseConfig } from '../../src/config/schema.ts'
import type { PasswordHasher } from '../../src/core/ports.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'

export type Workspace = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]
export type Client = NonNullable<Workspace['clients']>[number]

/** A configuration with one workspace, `acme:main`. */
export function aConfig(workspace: Partial<Workspace> = {}): PixyConfigInput {
  return {
    url: 'https://auth.example',
    tenants: [{ id: 'acme', workspaces: [{ id: 'main', ...workspace }] }],
  }
}

export function aClient(over: Partial<Client> = {}): Client {
  return { client_id: 'spa', redirect_uris: ['https://app.example/callback'], ...over }
}

/** The problems that parsing tells, or an empty list. */
export function problemsOf(input: unknown, production = false): readonly string[] {
  try {
    parseConfig(input, { production })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

export async function problemsOfAsync(action: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await action()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

/** Counts what it hashes, and how much at once. */
export class CountingHasher implements PasswordHasher {
  hashed = 0
  most = 0
  #now = 0

  async hash(password: string): Promise<string> {
    this.hashed += 1
    this.#now += 1
    this.most = Math.max(this.most, this.#now)
    await new Promise((resolve) => setImmediate(resolve))
    this.#now -= 1
    return `hash of ${password}`
  }

  async verify(hash: string | null, password: string): Promise<boolean> {
    return hash === `hash of ${password}`
  }
}

export interface Bench {
  readonly store: Store
  readonly clock: MovableClock
  readonly hasher: CountingHasher
  /** Applies and gives the changes as `action kind id`. */
  apply(input: PixyConfigInput, options?: { readonly plan?: boolean }): Promise<readonly string[]>
  report(input: PixyConfigInput): Promise<ApplyReport>
}

/** A new database in memory, to apply configurations to. */
export async function aBench(): Promise<Bench> {
  const store = await openSqlite({ path: ':memory:' })
  await store.migrate()
  const clock = new MovableClock()
  const hasher = new CountingHasher()
  const deps = { store, clock, hasher, random: systemRandom(), vault: createVault('a secret of the tests') }
  const report = (input: PixyConfigInput) => applyConfig(deps, parseConfig(input))
  return {
    store,
    clock,
    hasher,
    report,
    async apply(input, options) {
      const { changes } = await applyConfig(deps, parseConfig(input), options)
      return changes
        .filter(({ kind }) => kind !== 'signing_key')
        .map(({ action, kind, id }) => `${action} ${kind} ${id}`)
    },
  }
}
