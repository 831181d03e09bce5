import { z } from 'zod'
import type { Workspace } from '../core/workspaces/workspace.ts'
import { AdminError } from './admin-error.ts'
import type { AdminDeps } from './operation.ts'

/** `tenant:workspace`, the workspace's own id where no other has it, or its issuer. */
export const workspaceName = z.string().min(1).max(300).optional()

/**
 * The workspace that is meant. None need be named where there is one only.
 *
 * @throws {AdminError} `workspace_unknown`, `workspace_ambiguous`
 */
export function getWorkspace(deps: AdminDeps, name: string | undefined): Workspace {
  const candidates = matchingWorkspaces(deps, name)
  const [first] = candidates
  if (first && candidates.length === 1) return first
  const ids = idsOf(candidates.length > 0 ? candidates : deps.workspaces.list())
  if (candidates.length > 1) {
    throw new AdminError('workspace_ambiguous', 'There are several workspaces: say which one.', {
      expected: ids,
      fix: 'Add --workspace with one of them.',
    })
  }
  if (name === undefined) {
    throw new AdminError('workspace_unknown', 'There is no workspace yet.', {
      fix: 'Start the server once: pixy start',
    })
  }
  throw new AdminError('workspace_unknown', 'There is no such workspace.', { received: name, expected: ids })
}

/** The workspace that is named, or all of them. */
export function chosenWorkspaces(deps: AdminDeps, name: string | undefined): readonly Workspace[] {
  return name === undefined ? deps.workspaces.list() : [getWorkspace(deps, name)]
}

function matchingWorkspaces(deps: AdminDeps, name: string | undefined): readonly Workspace[] {
  const all = deps.workspaces.list()
  if (name === undefined) return all
  const exact = all.filter(({ id, issuer }) => id === name || issuer === name)
  return exact.length > 0 ? exact : all.filter(({ record }) => record.id === name)
}

function idsOf(workspaces: readonly Workspace[]): string {
  return workspaces
    .slice(0, 20)
    .map(({ id }) => id)
    .join(', ')
}
