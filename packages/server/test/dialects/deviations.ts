import type { TestAs } from '../support/test-as.ts'

/** How often a client deviated, by the id of the deviation. */
export async function deviationsOf(as: TestAs, clientId: string): Promise<Readonly<Record<string, number>>> {
  const { deps } = as.server.pixy
  await deps.deviations.flush()
  const workspaceId = deps.workspaces.list()[0]?.id ?? ''
  const counted = await deps.store.deviations.list(workspaceId, clientId)
  return Object.fromEntries(counted.map(({ deviation, count }) => [deviation, count]))
}
