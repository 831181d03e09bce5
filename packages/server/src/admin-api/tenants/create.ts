import { z } from 'zod'
import { workspaceRecord } from '../../config/apply/workspace-record.ts'
import type { ClientConfig, TenantConfig, WorkspaceConfig } from '../../config/schema.ts'
import { usernameKey } from '../../core/accounts/username.ts'
import { newId } from '../../core/handles.ts'
import { generateSigningKey } from '../../core/keys/generate.ts'
import type { ClientRecord, UserRecord } from '../../store/records.ts'
import type { NewTenant } from '../../store/store.ts'
import { type NewSecret, needsSecret, newSecret } from '../clients/client-secret.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'
import { shortText } from '../text.ts'
import { hashNewPassword, passwordText } from '../users/password.ts'
import { checkTenant, tenantTaken } from './check-tenant.ts'
import { DEMO_CLAIMS, DEMO_USERNAME, DEMO_WEB, demoWorkspace } from './demo-workspace.ts'
import type { TenantView } from './list.ts'

export interface CreatedTenant {
  readonly tenant: TenantView
  /** `tenant:workspace` */
  readonly workspace: string
  readonly issuer: string
  readonly clients: ReadonlyArray<{
    readonly client_id: string
    readonly client_name: string
    readonly redirect_uris: readonly string[]
    /** Of a confidential client; never shown again. */
    readonly client_secret?: string
  }>
  /** Without a demo there is none. */
  readonly user: { readonly user_id: string; readonly username: string } | null
}

export const createTenant = defineOperation({
  name: 'tenant.create',
  summary: 'Creates a tenant with a workspace that is ready for a first sign-in.',
  writes: true,
  input: z.strictObject({
    id: shortText,
    name: shortText.optional(),
    /** An origin of its own; absent: the product's. */
    url: shortText.optional(),
    /** Further host names that answer for it. */
    hosts: z.array(shortText).max(100).default([]),
    /** With two clients and a user who has this password; absent: an empty workspace `main`. */
    demo: z.strictObject({ password: passwordText }).optional(),
  }),

  async run(deps, input): Promise<CreatedTenant> {
    const now = deps.clock.now()
    const secret = newSecret(deps.random, now)
    const { id, name = id, url, hosts, demo } = input
    const existing = {
      url: deps.workspaces.url,
      tenants: await deps.store.tenants.list(),
      workspaces: deps.workspaces.list(),
    }
    const tenant = checkTenant(
      {
        id,
        name,
        hosts,
        ...(url === undefined ? {} : { url }),
        workspaces: [demo ? demoWorkspace(name, secret.value) : { id: 'main' }],
      },
      existing,
    )
    const [workspace] = tenant.workspaces ?? []
    if (!workspace) throw new Error('The tenant was made without a workspace.')
    const made = await newTenant(deps, { tenant, workspace, secret, password: demo?.password })
    if (!(await deps.store.tenants.create(made))) throw tenantTaken(id)
    return view(made, tenant.url ?? deps.workspaces.url, secret)
  },
})

interface Plan {
  readonly tenant: TenantConfig
  readonly workspace: WorkspaceConfig
  readonly secret: NewSecret
  readonly password: string | undefined
}

async function newTenant(deps: AdminDeps, plan: Plan): Promise<NewTenant> {
  const { tenant, workspace, secret, password } = plan
  const now = deps.clock.now()
  const record = { ...workspaceRecord(deps, tenant.id, workspace, undefined), owner: 'local' as const }
  const { workspaceId } = record
  // The slow part first: a password that is refused costs no key.
  const users = password === undefined ? [] : [await demoUser(deps, workspaceId, password)]
  const times = { createdAt: now, activateAt: now }
  const keys = await Promise.all(
    workspace.signing_algs.map((alg) => generateSigningKey(deps, workspaceId, alg, times)),
  )
  return {
    tenant: {
      tenantId: tenant.id,
      name: tenant.name,
      url: tenant.url ?? null,
      hosts: tenant.hosts,
      owner: 'local',
    },
    workspaces: [record],
    keys,
    clients: (workspace.clients ?? []).map((client) => clientRecord(deps, workspaceId, client, secret)),
    users,
  }
}

function clientRecord(
  { clock }: AdminDeps,
  workspaceId: string,
  { client_secrets: _, ...metadata }: ClientConfig,
  secret: NewSecret,
): ClientRecord {
  const now = clock.now()
  return {
    workspaceId,
    clientId: metadata.client_id,
    metadata,
    secrets: needsSecret(metadata) ? [secret.record] : [],
    owner: 'local',
    createdAt: now,
    updatedAt: now,
    disabled: false,
  }
}

async function demoUser(deps: AdminDeps, workspaceId: string, password: string): Promise<UserRecord> {
  const now = deps.clock.now()
  return {
    workspaceId,
    userId: newId(deps.random, 'usr'),
    sourceId: 'pool',
    username: DEMO_USERNAME,
    usernameKey: usernameKey(DEMO_USERNAME),
    passwordHash: await hashNewPassword(deps, password, Object.values(DEMO_CLAIMS).map(String)),
    enabled: true,
    claims: DEMO_CLAIMS,
    clients: [],
    owner: 'local',
    createdAt: now,
    updatedAt: now,
  }
}

function view(
  { tenant, workspaces, clients, users }: NewTenant,
  base: string,
  secret: NewSecret,
): CreatedTenant {
  const views = workspaces.map(({ id, name, path }) => ({
    id: `${tenant.tenantId}:${id}`,
    name,
    issuer: base + path,
  }))
  const [first] = views
  const [user] = users
  return {
    tenant: {
      tenant_id: tenant.tenantId,
      name: tenant.name,
      url: tenant.url,
      owner: tenant.owner,
      workspaces: views,
    },
    workspace: first?.id ?? '',
    issuer: first?.issuer ?? base,
    clients: clients.map(({ clientId, metadata }) => ({
      client_id: clientId,
      client_name: metadata.client_name ?? clientId,
      redirect_uris: metadata.redirect_uris ?? [],
      ...(clientId === DEMO_WEB ? { client_secret: secret.value } : {}),
    })),
    user: user ? { user_id: user.userId, username: user.username } : null,
  }
}
