import { fromCode } from '../../sql/codes.ts'
import { fromInteraction, toInteraction } from '../../sql/interactions.ts'
import type { InteractionRow } from '../../sql/schema.ts'
import type { InteractionStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'
import { prepareInsertCode } from './codes.ts'
import { prepareInsert } from './insert.ts'

export function hotInteractions(engine: SqliteEngine): InteractionStore {
  const find = engine.prepare<InteractionRow>(
    'select * from interactions where workspace_id = ? and flow_id = ?',
  )
  const advance = engine.prepare(`update interactions set progress = ?
    where workspace_id = ? and flow_id = ? and progress = ? and finished_at is null`)
  const finish = engine.prepare(`update interactions set finished_at = ?
    where workspace_id = ? and flow_id = ? and finished_at is null`)
  const insertCode = prepareInsertCode(engine)
  const insertInteraction = prepareInsert<InteractionRow>(engine, 'interactions', [
    'workspace_id',
    'flow_id',
    'browser_hash',
    'client_id',
    'request',
    'progress',
    'created_at',
    'expires_at',
    'finished_at',
  ])

  return {
    async insert(interaction) {
      const row = fromInteraction(interaction)
      await engine.writes.statement(() => insertInteraction(row))
    },

    find: (workspaceId, flowId) =>
      engine.read(() => {
        const row = find.get(workspaceId, flowId)
        return row && toInteraction(row)
      }),

    advance: (workspaceId, flowId, before, progress) =>
      engine.writes.statement(() => advance.run(progress, workspaceId, flowId, before) === 1),

    finish(workspaceId, flowId, at, code) {
      return engine.writes.statements(() => {
        if (finish.run(at, workspaceId, flowId) !== 1) return false
        if (code) insertCode(fromCode(code))
        return true
      })
    },
  }
}
