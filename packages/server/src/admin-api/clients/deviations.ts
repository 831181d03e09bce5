import { dialectOf, deviations as known } from '../../dialects/dialects.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientDeviationRecord, Owner } from '../../store/records.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'
import { clientReference, type FoundClient, getClient } from './find-client.ts'

/** One thing that a client does in the way of an older system. */
export interface DeviationView {
  /** Stable, such as `atm_hex_challenge`. */
  readonly deviation: string
  readonly dialect: string | null
  readonly count: number
  readonly first_used_at: EpochSeconds
  readonly last_used_at: EpochSeconds
  /** What the client does, the section that says otherwise, and what to change; null where this version knows no more. */
  readonly summary: string | null
  readonly rule: string | null
  readonly fix: string | null
}

export interface ClientDeviations {
  readonly workspace: string
  readonly client_id: string
  /** Where its dialects are changed. */
  readonly owner: Owner
  readonly dialects: readonly string[]
  /** The last used first. */
  readonly deviations: readonly DeviationView[]
  /** Dialects that were needed once, and not for 30 days: the client can do without. */
  readonly unused_dialects: readonly string[]
  readonly now: EpochSeconds
  /** They were forgotten after this answer was made. */
  readonly reset: boolean
}

/** Longer than a month's job: what runs once in that time has been seen. */
const QUIET = 30 * 86_400

export const clientDeviations = defineOperation({
  name: 'client.deviations',
  summary: 'Lists what a client does in the way of an older system, how often, and what to change.',
  writes: false,
  input: clientReference,

  async run(deps, input): Promise<ClientDeviations> {
    return describe(deps, await getClient(deps, input))
  },
})

export const resetClientDeviations = defineOperation({
  name: 'client.reset-deviations',
  summary: 'Lists them once more, and begins to count anew.',
  writes: true,
  input: clientReference,

  async run(deps, input): Promise<ClientDeviations> {
    const found = await getClient(deps, input)
    const described = await describe(deps, found)
    await deps.store.deviations.clear(found.workspace.id, found.client.clientId)
    return { ...described, reset: true }
  },
})

async function describe(deps: AdminDeps, found: FoundClient): Promise<ClientDeviations> {
  const views = (await countedDeviations(deps, found)).map(view)
  const now = deps.clock.now()
  const { workspace, client } = found
  const dialects = client.metadata.dialects ?? []
  return {
    workspace: workspace.id,
    client_id: client.clientId,
    owner: client.owner,
    dialects,
    deviations: views,
    unused_dialects: dialects.filter((dialect) => isUnused(dialect, views, now)),
    now,
    reset: false,
  }
}

/** What is counted so far, with what this process has not stored yet. */
export async function countedDeviations(
  { store, deviations }: AdminDeps,
  { workspace, client }: FoundClient,
): Promise<readonly ClientDeviationRecord[]> {
  await deviations?.flush()
  return store.deviations.list(workspace.id, client.clientId)
}

/** Of a dialect that was never used nobody knows whether its users only have not come yet. */
function isUnused(dialect: string, views: readonly DeviationView[], now: EpochSeconds): boolean {
  const own = views.filter((view) => view.dialect === dialect)
  return own.length > 0 && own.every(({ last_used_at }) => last_used_at <= now - QUIET)
}

function view({ deviation, count, firstUsedAt, lastUsedAt }: ClientDeviationRecord): DeviationView {
  const { summary = null, rule = null, fix = null } = known.get(deviation) ?? {}
  return {
    deviation,
    dialect: dialectOf(deviation) ?? null,
    count,
    first_used_at: firstUsedAt,
    last_used_at: lastUsedAt,
    summary,
    rule,
    fix,
  }
}
