import type { InteractionRecord } from '../records.ts'
import type { InteractionStore } from '../store.ts'
import { fromCode } from './codes.ts'
import type { SqlEngine } from './engine.ts'
import type { InteractionRow } from './schema.ts'

export const interactionStore = (engine: SqlEngine): InteractionStore => {
  const { db } = engine
  const unfinished = (workspaceId: string, flowId: string) =>
    db
      .updateTable('interactions')
      .where('workspace_id', '=', workspaceId)
      .where('flow_id', '=', flowId)
      .where('finished_at', 'is', null)

  return {
    async insert(interaction) {
      await db.insertInto('interactions').values(fromInteraction(interaction)).execute()
    },

    async find(workspaceId, flowId) {
      const row = await db
        .selectFrom('interactions')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('flow_id', '=', flowId)
        .executeTakeFirst()
      return row && toInteraction(row)
    },

    async advance(workspaceId, flowId, before, progress) {
      const { numUpdatedRows } = await unfinished(workspaceId, flowId)
        .where('progress', '=', before)
        .set({ progress })
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async finish(workspaceId, flowId, at, code) {
      const finish = unfinished(workspaceId, flowId).set({ finished_at: at })
      const insertCode = code && db.insertInto('authorization_codes').values(fromCode(code))
      const rows = await engine.atomically([
        { query: finish.compile(), expectRows: 1 },
        ...(insertCode ? [{ query: insertCode.compile() }] : []),
      ])
      return rows !== false
    },
  }
}

export function toInteraction(row: InteractionRow): InteractionRecord {
  return {
    workspaceId: row.workspace_id,
    flowId: row.flow_id,
    browserHash: row.browser_hash,
    clientId: row.client_id,
    request: row.request,
    progress: row.progress,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    finishedAt: row.finished_at,
  }
}

export function fromInteraction(interaction: InteractionRecord): InteractionRow {
  return {
    workspace_id: interaction.workspaceId,
    flow_id: interaction.flowId,
    browser_hash: interaction.browserHash,
    client_id: interaction.clientId,
    request: interaction.request,
    progress: interaction.progress,
    created_at: interaction.createdAt,
    expires_at: interaction.expiresAt,
    finished_at: interaction.finishedAt,
  }
}
