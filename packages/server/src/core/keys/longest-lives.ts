import type { Seconds } from '../../protocol/types.ts'
import type { Store } from '../../store/store.ts'
import type { Workspace } from '../workspaces/workspace.ts'

const PAGE = 500

/** How long what a key signs may be needed: the longest life of a token of any client, and of a session. */
export async function longestLives(
  store: Store,
  workspace: Workspace,
): Promise<{ readonly longestToken: Seconds; readonly longestSession: Seconds }> {
  const { lifetimes } = workspace.settings
  let longestToken = Math.max(lifetimes.access_token, lifetimes.id_token)
  for (let after: string | undefined; ; ) {
    const page = await store.clients.list(workspace.id, { limit: PAGE, after })
    for (const { metadata } of page) {
      longestToken = Math.max(
        longestToken,
        metadata.access_token_lifetime ?? 0,
        metadata.id_token_lifetime ?? 0,
      )
    }
    after = page.at(-1)?.clientId
    if (page.length < PAGE) return { longestToken, longestSession: lifetimes.session }
  }
}
