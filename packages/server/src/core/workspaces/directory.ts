import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { webOrigins } from '../../protocol/client-metadata.ts'
import type { ClientRecord, TenantRecord, WorkspaceRecord } from '../../store/records.ts'
import type { Store } from '../../store/store.ts'
import { KeyRing } from '../keys/key-ring.ts'
import type { Clock, Random, Vault } from '../ports.ts'
import { indexScopes } from './scopes.ts'
import type { Workspace, WorkspaceSecrets } from './workspace.ts'

export interface DirectoryOptions {
  readonly store: Store
  readonly vault: Vault
  readonly clock: Clock
  readonly random: Random
  /** The product's public base URL, without trailing slash. */
  readonly url: string
}

/**
 * Finds the workspace of a request, and keeps workspaces, clients and keys in memory. `refresh` looks whether another
 * process changed any of them; the composer calls it several times a second.
 */
export class WorkspaceDirectory {
  readonly #options: DirectoryOptions
  #version = -1
  #workspaces: readonly Workspace[] = []
  /** Origin host → path → workspace. */
  #byHost = new Map<string, Map<string, Workspace>>()
  #clients = new LRUCache<string, ClientRecord>({ max: 10_000 })
  #productHost: string

  constructor(options: DirectoryOptions) {
    this.#options = options
    this.#productHost = new URL(options.url).host
  }

  get url(): string {
    return this.#options.url
  }

  list(): readonly Workspace[] {
    return this.#workspaces
  }

  get(workspaceId: string): Workspace | undefined {
    return this.#workspaces.find((workspace) => workspace.id === workspaceId)
  }

  knowsHost(host: string): boolean {
    return host === this.#productHost || this.#byHost.has(host)
  }

  /** The workspace whose issuer path leads `path`, the longest first, and the rest of the path. */
  route(host: string, path: string): { readonly workspace: Workspace; readonly rest: string } | undefined {
    const paths = this.#byHost.get(host)
    if (!paths) return undefined
    let end = path.length
    while (end > 0) {
      const workspace = paths.get(path.slice(0, end))
      if (workspace) return { workspace, rest: path.slice(end) }
      end = path.lastIndexOf('/', end - 1)
    }
    const root = paths.get('')
    return root && { workspace: root, rest: path }
  }

  /** Reads everything again where the store says it changed. Resolves `true` where it did. */
  async refresh(): Promise<boolean> {
    const version = await this.#options.store.configurationVersion()
    if (version === this.#version) return false
    await this.reload()
    this.#version = version
    return true
  }

  async reload(): Promise<void> {
    const { store } = this.#options
    const [tenants, records] = await Promise.all([store.tenants.list(), store.workspaces.list()])
    const byTenant = new Map(tenants.map((tenant) => [tenant.tenantId, tenant]))
    const workspaces: Workspace[] = []
    const byHost = new Map<string, Map<string, Workspace>>([[this.#productHost, new Map()]])
    this.#clients.clear()
    for (const record of records) {
      const tenant = byTenant.get(record.tenantId)
      if (!tenant) continue
      const workspace = await this.#open(tenant, record)
      workspaces.push(workspace)
      for (const host of hostsOf(workspace, tenant)) {
        const paths = byHost.get(host) ?? new Map<string, Workspace>()
        paths.set(record.path, workspace)
        byHost.set(host, paths)
      }
    }
    this.#workspaces = workspaces
    this.#byHost = byHost
  }

  async #open(tenant: TenantRecord, record: WorkspaceRecord): Promise<Workspace> {
    const { store, vault, clock, random } = this.#options
    const base = tenant.url ?? this.#options.url
    const issuer = base + record.path
    const origin = new URL(base).origin
    const secrets = JSON.parse(
      vault.open(record.secretsSealed, secretsContext(record.workspaceId)),
    ) as WorkspaceSecrets
    const clients = this.#clients
    let origins: Promise<ReadonlySet<string>> | undefined
    return {
      id: record.workspaceId,
      record,
      settings: record.settings,
      issuer,
      origin,
      secure: origin.startsWith('https:'),
      cookieSuffix: record.path === '' ? '' : `_${shortHash(record.path)}`,
      ...indexScopes(record.settings.scopes),
      secrets,
      keys: await KeyRing.load({ store, vault, clock, random, workspaceId: record.workspaceId }),
      async client(clientId) {
        const key = `${record.workspaceId}\n${clientId}`
        const cached = clients.get(key)
        if (cached) return cached
        const found = await store.clients.find(record.workspaceId, clientId)
        if (found) clients.set(key, found)
        return found
      },
      webOrigins() {
        origins ??= readWebOrigins(store, record.workspaceId).catch((error: unknown) => {
          origins = undefined
          throw error
        })
        return origins
      },
    }
  }
}

/** What binds a sealed secret to its workspace. */
export function secretsContext(workspaceId: string): string {
  return `workspaces|secrets|${workspaceId}`
}

function hostsOf(workspace: Workspace, tenant: TenantRecord): readonly string[] {
  return [new URL(workspace.origin).host, ...tenant.hosts.map((host) => host.toLowerCase())]
}

async function readWebOrigins(store: Store, workspaceId: string): Promise<ReadonlySet<string>> {
  const origins = new Set<string>()
  for (let after: string | undefined; ; ) {
    const page = await store.clients.list(workspaceId, { limit: 500, after })
    for (const client of page) for (const origin of webOrigins(client.metadata)) origins.add(origin)
    after = page.at(-1)?.clientId
    if (page.length < 500) return origins
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
