import { describeIssues, formatProblems, type Problem } from '../../config/problems.ts'
import { clientShape } from '../../config/schema/client-shape.ts'
import { checkWorkspace } from '../../config/schema/workspace-rules.ts'
import { clientSchema } from '../../config/schema.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { ClientMetadata } from '../../protocol/client-metadata.ts'
import { AdminError } from '../admin-error.ts'

/** Members that have an operation, or a place in the record, of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  client_id: 'A client keeps its id for good.',
  client_secret: 'Secrets are made here: pixy client rotate-secret ID',
  client_secrets: 'Secrets are made here: pixy client rotate-secret ID',
  enabled: 'Use --enable or --disable.',
}

/** Stands for secrets of which only hashes are kept. */
const KEPT_SECRET = { value: 'kept as a hash', expires_at: 0 }

/**
 * Checks metadata by the rules of the configuration file, those between a client and its workspace included.
 * `changed`: the members that were given now. What a client registered with before, and we do not know, may stay.
 *
 * @throws {AdminError} `client_metadata_invalid`
 */
export function checkClient(
  workspace: Workspace,
  metadata: ClientMetadata,
  changed: readonly string[],
): void {
  const problems: Problem[] = changed
    .filter((name) => Object.hasOwn(ELSEWHERE, name))
    .map((name) => ({ path: [name], text: `cannot be set here. ${ELSEWHERE[name]}` }))
  const candidate = withSecret(
    Object.fromEntries(
      Object.entries(metadata).filter(
        ([name]) => Object.hasOwn(clientShape, name) || name.includes('#') || changed.includes(name),
      ),
    ),
  )
  const parsed = clientSchema.safeParse(candidate)
  if (!parsed.success) problems.push(...describeIssues(parsed.error.issues, candidate, clientSchema))
  checkWorkspace(asInFile(workspace, candidate), (path, text) => {
    if (path[0] === 'clients') problems.push({ path: path.slice(2), text })
  })
  if (problems.length === 0) return
  throw new AdminError('client_metadata_invalid', 'A client cannot be registered like this.', {
    problems: formatProblems(problems),
  })
}

function withSecret(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const method = metadata.token_endpoint_auth_method
  const hasSecret = typeof method === 'string' && method.startsWith('client_secret')
  return hasSecret ? { ...metadata, client_secrets: [KEPT_SECRET] } : metadata
}

function asInFile({ settings }: Workspace, client: unknown): unknown {
  const { scopes, resources, identity_sources, signing_algs, loopback_resources } = settings
  return { scopes, resources, identity_sources, signing_algs, loopback_resources, clients: [client] }
}
