import { checkPassword } from '../core/accounts/password-policy.ts'
import { usernameKey } from '../core/accounts/username.ts'
import type { Deps } from '../core/ports.ts'
import { jsonReply } from '../core/replies.ts'
import type { OAuthReply } from '../protocol/types.ts'

/** Changes the first user of that name; a password is held to the policy. */
export async function changeUser(deps: Deps, body: Readonly<Record<string, unknown>>): Promise<OAuthReply> {
  const { username, workspace, source, enabled, password, claims } = body
  if (typeof username !== 'string') return refuse('username is missing')
  for (const { id, record, settings } of deps.workspaces.list()) {
    if (typeof workspace === 'string' && workspace !== id && workspace !== record.id) continue
    for (const { id: sourceId } of settings.identity_sources) {
      if (typeof source === 'string' && source !== sourceId) continue
      const user = await deps.store.users.findByUsername(id, sourceId, usernameKey(username))
      if (!user) continue
      if (typeof password === 'string') {
        const problem = await checkPassword(password, [username])
        if (problem) return refuse(problem.kind)
      }
      await deps.store.users.update({
        ...user,
        enabled: typeof enabled === 'boolean' ? enabled : user.enabled,
        passwordHash:
          typeof password === 'string'
            ? await deps.hasher.hash(password.normalize('NFC'))
            : user.passwordHash,
        claims: isObject(claims) ? { ...user.claims, ...claims } : user.claims,
        updatedAt: deps.clock.now(),
      })
      return jsonReply(200, { ok: true })
    }
  }
  return jsonReply(404, { ok: false, reason: 'no such user' })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(reason: string): OAuthReply {
  return jsonReply(400, { ok: false, reason })
}
