import type { NewTenant } from '../store.ts'
import { fromClient, fromSecret } from './clients.ts'
import { changeConfiguration } from './configuration-version.ts'
import type { SqlEngine, Step } from './engine.ts'
import { fromKey } from './signing-keys.ts'
import { fromTenant } from './tenants.ts'
import { fromUser } from './users.ts'
import { fromWorkspace } from './workspaces.ts'

/** A tenant with all that it begins with, in one transaction: half of one could neither be used nor made again. */
export function createTenant(engine: SqlEngine, made: NewTenant): Promise<boolean> {
  const { db } = engine
  const tenant = db
    .insertInto('tenants')
    .values(fromTenant(made.tenant))
    .onConflict((conflict) => conflict.column('tenant_id').doNothing())
  const contents = [
    ...made.workspaces.map((workspace) => db.insertInto('workspaces').values(fromWorkspace(workspace))),
    ...made.keys.map((key) => db.insertInto('signing_keys').values(fromKey(key))),
    ...made.clients.map((client) => db.insertInto('clients').values(fromClient(client))),
    ...made.clients.flatMap(({ workspaceId, clientId, secrets }) =>
      secrets.map((secret) =>
        db.insertInto('client_secrets').values(fromSecret(workspaceId, clientId, secret)),
      ),
    ),
    ...made.users.map((user) => db.insertInto('users').values(fromUser(user))),
  ]
  return changeConfiguration(
    engine,
    { query: tenant.compile(), expectRows: 1 },
    ...contents.map((insert): Step => ({ query: insert.compile() })),
  )
}
