import { fromCode } from '../../sql/codes.ts'
import type { InteractionStore } from '../../store.ts'
import type { PostgresEngine } from '../engine.ts'
import { CODE } from './columns.ts'
import { insertFrom, valuesOf } from './insert.ts'
import { settle } from './settle.ts'

const FINISH = `update interactions set finished_at = $1
  where workspace_id = $2 and flow_id = $3 and finished_at is null`

const FINISH_WITH_CODE = `
  with finished as (${FINISH} returning 1),
  code as (${insertFrom('authorization_codes', CODE, 'finished', 4)})
  select 1 from finished`

const FIND_CODE = 'select 1 from authorization_codes where workspace_id = $1 and code_hash = $2'

export function hotInteractions(engine: PostgresEngine): Pick<InteractionStore, 'finish'> {
  return {
    async finish(workspaceId, flowId, at, code) {
      const finished = [at, workspaceId, flowId]
      const run = async () => {
        const { rowCount } = code
          ? await engine.run(FINISH_WITH_CODE, [...finished, ...valuesOf(CODE, fromCode(code))])
          : await engine.run(FINISH, finished)
        return rowCount === 1
      }
      return settle(run, async (lost) => {
        if (!code) throw lost
        const { rowCount } = await engine.run(FIND_CODE, [workspaceId, code.codeHash], { isRead: true })
        return rowCount === 1
      })
    },
  }
}
