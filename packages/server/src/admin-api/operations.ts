import { AdminError } from './admin-error.ts'
import { createClient } from './clients/create.ts'
import { deleteClient } from './clients/delete.ts'
import { clientDeviations, resetClientDeviations } from './clients/deviations.ts'
import { listClients } from './clients/list.ts'
import { removeClientSecret } from './clients/remove-secret.ts'
import { rotateClientSecret } from './clients/rotate-secret.ts'
import { showClient } from './clients/show.ts'
import { updateClient } from './clients/update.ts'
import { explain } from './flows/explain.ts'
import { listFlows } from './flows/list.ts'
import { showFlow } from './flows/show.ts'
import { listKeys } from './keys/list.ts'
import { retireKey } from './keys/retire.ts'
import { rotateSigningKeys } from './keys/rotate.ts'
import type { AdminDeps, Operation } from './operation.ts'
import { createTenant } from './tenants/create.ts'
import { listTenants } from './tenants/list.ts'
import { inspectToken } from './tokens/inspect.ts'
import { createUser } from './users/create.ts'
import { disableUser } from './users/disable.ts'
import { enableUser } from './users/enable.ts'
import { listUsers } from './users/list.ts'
import { resetUserPassword } from './users/reset-password.ts'
import { showUser } from './users/show.ts'

/** Every operation by its name. */
export const operations = {
  'tenant.create': createTenant,
  'tenant.list': listTenants,
  'client.create': createClient,
  'client.list': listClients,
  'client.show': showClient,
  'client.deviations': clientDeviations,
  'client.reset-deviations': resetClientDeviations,
  'client.update': updateClient,
  'client.delete': deleteClient,
  'client.rotate-secret': rotateClientSecret,
  'client.remove-secret': removeClientSecret,
  'user.create': createUser,
  'user.list': listUsers,
  'user.show': showUser,
  'user.disable': disableUser,
  'user.enable': enableUser,
  'user.reset-password': resetUserPassword,
  'keys.list': listKeys,
  'keys.rotate': rotateSigningKeys,
  'keys.retire': retireKey,
  'flow.show': showFlow,
  'flow.list': listFlows,
  explain,
  'token.inspect': inspectToken,
} as const

export type OperationName = keyof typeof operations
export type InputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, unknown> ? Input : never
export type OutputOf<Name extends OperationName> = Awaited<ReturnType<(typeof operations)[Name]['run']>>

/**
 * Runs an operation on what the store holds now; after a write, this process sees it at once.
 *
 * @throws {AdminError} `operation_unknown`, and whatever the operation refuses
 */
export async function runOperation(deps: AdminDeps, name: string, input: unknown): Promise<unknown> {
  if (!isOperation(name))
    throw new AdminError('operation_unknown', 'There is no such operation.', { received: name })
  const operation = operations[name]
  await deps.workspaces.refresh()
  const output = await operation.run(deps, input)
  if (operation.writes) await deps.workspaces.refresh()
  return output
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operations, name)
}
