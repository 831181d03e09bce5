import { z } from 'zod'
import { inspectAccessToken } from '../../core/tokens/inspect-access-token.ts'
import { verifyOwnJwt } from '../../core/tokens/verify-jwt.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import { accessTokenProfiles } from '../../dialects/dialects.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'

/** What the issuer itself knows of a token. */
export interface TokenView {
  /** `token_invalid`: nothing of ours. An ID token is `signed`: it has no life of its own. */
  readonly state: 'live' | 'signed' | 'token_expired' | 'token_revoked' | 'token_invalid'
  readonly workspace?: string
  readonly issuer?: string
  readonly client_id?: string
  readonly user_id?: string | null
  readonly scope?: readonly string[]
  readonly audience?: string
  readonly issued_at?: EpochSeconds
  readonly expires_at?: EpochSeconds
  /** The flow that it came from. */
  readonly flow?: string | null
  /** Scopes that the user was asked for and left out. */
  readonly declined?: readonly string[]
}

export const inspectToken = defineOperation({
  name: 'token.inspect',
  summary: 'Says what this server knows of an access token or ID token that it issued.',
  writes: false,
  input: z.strictObject({ token: z.string().min(1).max(20_000) }),

  async run(deps, { token }): Promise<TokenView> {
    for (const workspace of deps.workspaces.list()) {
      const view = await inspectIn(deps, workspace, token)
      if (view) return { workspace: workspace.id, issuer: workspace.issuer, ...view }
    }
    return { state: 'token_invalid' }
  },
})

async function inspectIn(
  deps: AdminDeps,
  workspace: Workspace,
  token: string,
): Promise<TokenView | undefined> {
  const found = await inspectAccessToken({ ...deps, accessTokenProfiles }, workspace, token)
  if (found === 'token_invalid') return verifyOwnJwt(workspace, token) ? { state: 'signed' } : undefined
  if (typeof found === 'string') return { state: found }
  const { clientId } = found.client
  const userId = found.user?.userId ?? null
  const consent = userId === null ? undefined : await deps.store.consents.find(workspace.id, userId, clientId)
  return {
    state: 'live',
    client_id: clientId,
    user_id: userId,
    scope: found.scope,
    audience: found.audience,
    issued_at: found.issuedAt,
    expires_at: found.expiresAt,
    flow: found.flowId,
    declined: consent?.declined ?? [],
  }
}
