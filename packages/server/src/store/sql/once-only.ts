import type { OnceOnlyStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'

export const onceOnlyStore = ({ db }: SqlEngine): OnceOnlyStore => ({
  async claim(workspaceId, name, expiresAt) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('once_only')
      .values({ workspace_id: workspaceId, name, expires_at: expiresAt })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'name']).doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  },

  async has(workspaceId, name) {
    const row = await db
      .selectFrom('once_only')
      .select('name')
      .where('workspace_id', '=', workspaceId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row !== undefined
  },
})
