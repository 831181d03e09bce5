import type { Exchange } from '../core/exchange.ts'
import type { Dialect as DialectName } from '../protocol/client-metadata.ts'
import type { ErrorDetail } from '../protocol/oauth-error.ts'
import type { ClientRecord } from '../store/records.ts'

/** Whether a client may be spoken to in a dialect. Nobody grants it to themselves: never a dynamically registered one. */
export function speaks(client: ClientRecord | undefined, dialect: DialectName): client is ClientRecord {
  return (
    client !== undefined &&
    !client.disabled &&
    client.owner !== 'dynamic' &&
    client.metadata.dialects?.includes(dialect) === true
  )
}

/**
 * The client that a dialect's own route is for.
 *
 * Security: unknown, disabled and strict clients get one answer, so that the route tells a stranger nothing.
 *
 * @param standard what the client should send instead; the fix adds how to switch the dialect on
 * @throws {Refusal} `dialect_off`
 */
export async function dialectClient(
  { workspace, flow }: Exchange,
  clientId: string | undefined,
  dialect: DialectName,
  standard: Pick<ErrorDetail, 'received' | 'expected' | 'fix'>,
): Promise<ClientRecord> {
  const client =
    clientId !== undefined && clientId.length <= 2048 ? await workspace.client(clientId) : undefined
  if (client) flow.clientId = client.clientId
  if (!speaks(client, dialect)) return refuseDialect({ flow }, dialect, standard)
  return client
}

/** The strict answer to a request in a dialect's words. @throws {Refusal} `dialect_off` */
export function refuseDialect(
  { flow }: Pick<Exchange, 'flow'>,
  dialect: DialectName,
  { fix, ...standard }: Pick<ErrorDetail, 'received' | 'expected' | 'fix'>,
): never {
  const id = flow.clientId ?? 'ID'
  return flow.refuse('dialect_off', {
    ...standard,
    fix: `${fix ?? 'Send the standard request.'} Until the client can be changed: pixy client update ${id} --add-dialect ${dialect}`,
  })
}

/** Counts that a client went its own way, and leaves a note in the flow. */
export function deviates({ deps, workspace, flow }: Exchange, client: ClientRecord, deviation: string): void {
  flow.note('dialect_used', { received: deviation })
  deps.deviations.record(workspace.id, client.clientId, deviation, deps.clock.now())
}
