import { findRedirectUri } from '../../protocol/redirect-uri.ts'
import type { ClientRecord, InteractionRecord } from '../../store/records.ts'
import { NO_PROGRESS, type Progress } from '../authorization/progress.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { Exchange } from '../exchange.ts'
import { readQuery } from '../form.ts'
import { hashHandle, newHandle } from '../handles.ts'
import { type BrowserTransaction, browserTransaction, knownTransaction } from './forms.ts'

/** A pending authorization request, with the browser it belongs to. */
export interface Interaction {
  readonly record: InteractionRecord
  readonly client: ClientRecord
  readonly request: AuthorizationRequest
  readonly progress: Progress
  readonly transaction: BrowserTransaction
}

/** Of a posted request: its browser is known once it has followed to `/continue`. */
export const NO_BROWSER_YET = ''

const FLOW_ID = /^flow_[A-Za-z0-9]{22}$/

/**
 * The interaction named by `?flow=`, or by `flowId`, for the browser that started it (RFC 6819 §4.4.1.8).
 *
 * @throws {Refusal} `interaction_*`
 */
export async function loadInteraction(exchange: Exchange, flowId?: string): Promise<Interaction> {
  const record = await findRecord(exchange, flowId)
  return openInteraction(exchange, record, knownTransaction(exchange, record.flowId))
}

/**
 * The same at `/continue`: the first browser that follows a posted request there is the one that it belongs to.
 *
 * @throws {Refusal} `interaction_*`
 */
export async function takeUpInteraction(
  exchange: Exchange,
): Promise<{ readonly interaction: Interaction; readonly cookies: readonly string[] }> {
  const record = await findRecord(exchange)
  const progress = JSON.parse(record.progress) as Progress
  if (record.browserHash !== NO_BROWSER_YET || progress.browser !== null) {
    const known = knownTransaction(exchange, record.flowId)
    return { interaction: await openInteraction(exchange, record, known), cookies: [] }
  }
  const transaction = browserTransaction(exchange, record.flowId)
  const text = JSON.stringify({ ...progress, browser: transaction.hash } satisfies Progress)
  const { store } = exchange.deps
  const first = await store.interactions.advance(record.workspaceId, record.flowId, record.progress, text)
  const taken = first ? { ...record, progress: text } : await findRecord(exchange)
  return { interaction: await openInteraction(exchange, taken, transaction), cookies: transaction.cookies }
}

async function findRecord(
  exchange: Exchange,
  flowId = readQuery(exchange).get('flow'),
): Promise<InteractionRecord> {
  const { deps, workspace, flow } = exchange
  if (flowId === undefined || !FLOW_ID.test(flowId)) return flow.refuse('interaction_unknown')
  const record = await deps.store.interactions.find(workspace.id, flowId)
  if (!record) return flow.refuse('interaction_unknown', { received: flowId })
  flow.id = record.flowId
  flow.clientId = record.clientId
  return record
}

/**
 * The same after its end, for a page that tells how it ended.
 *
 * @throws {Refusal} `interaction_*`
 */
export async function loadFinishedInteraction(exchange: Exchange): Promise<Interaction> {
  const record = await findRecord(exchange)
  const transaction = checkBrowser(exchange, record, knownTransaction(exchange, record.flowId))
  return withClient(exchange, record, transaction)
}

/**
 * An interaction that nobody has answered yet, for whoever shows no cookie. Its transaction is nobody's: a form made of it
 * is never taken. `undefined` where it has come further, is a device's, or its client is not one that `serves` takes.
 *
 * @throws {Refusal} `interaction_unknown`
 */
export async function peekInteraction(
  exchange: Exchange,
  serves: (client: ClientRecord | undefined) => boolean,
): Promise<Interaction | undefined> {
  const { deps, workspace } = exchange
  const record = await findRecord(exchange)
  // Security: before anything is checked of it, since who is not its browser learns nothing of any other client.
  if (!serves(await workspace.client(record.clientId ?? ''))) return undefined
  const isOver = record.finishedAt !== null || record.expiresAt <= deps.clock.now()
  if (isOver || record.progress !== JSON.stringify(NO_PROGRESS)) return undefined
  const value = newHandle(deps.random)
  const interaction = await withClient(exchange, record, { value, hash: hashHandle(value), cookies: [] })
  return interaction.request.device ? undefined : interaction
}

async function openInteraction(
  exchange: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction | undefined,
): Promise<Interaction> {
  const { deps, flow } = exchange
  const own = checkBrowser(exchange, record, transaction)
  flow.check('interaction_finished', record.finishedAt === null)
  flow.check('interaction_expired', record.expiresAt > deps.clock.now())
  return withClient(exchange, record, own)
}

function checkBrowser(
  { flow }: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction | undefined,
): BrowserTransaction {
  const progress = JSON.parse(record.progress) as Progress
  const browser = record.browserHash === NO_BROWSER_YET ? progress.browser : record.browserHash
  if (!transaction || transaction.hash !== browser) {
    return flow.refuse('interaction_other_browser', {
      received: transaction ? 'the cookie of another browser' : 'no transaction cookie',
    })
  }
  return transaction
}

async function withClient(
  { workspace, flow }: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction,
): Promise<Interaction> {
  const progress = JSON.parse(record.progress) as Progress
  const client = await workspace.client(record.clientId ?? '')
  if (!client || client.disabled) return flow.refuse('authorization_client_unknown')
  // An interaction that an earlier version began does not say what its response tells.
  const request = { tells: ['iss'], ...JSON.parse(record.request) } as AuthorizationRequest
  if (request.device) return { record, client, request, progress, transaction }
  // Security: what was taken away because it leads to an attacker by now gets no answer of a request from before.
  const target = findRedirectUri(client.metadata.redirect_uris ?? [], request.redirectUri)
  flow.check('redirect_uri_mismatch', target !== undefined)
  return { record, client, request, progress, transaction }
}
