import type { LinkedIdentityRecord, UserClaims, UserRecord } from '../../store/records.ts'
import { usernameKey } from '../accounts/username.ts'
import { passwordSource } from '../authorization/identity-sources.ts'
import type { Exchange } from '../exchange.ts'
import { newId } from '../handles.ts'
import type { Interaction } from '../interaction/load-interaction.ts'
import type { UpstreamIdentity } from './progress.ts'

/** The account that an identity is linked to, with its claims as the provider tells them now. */
export async function linkedAccount(
  exchange: Exchange,
  identity: UpstreamIdentity,
): Promise<UserRecord | undefined> {
  const { deps, workspace } = exchange
  const linked = await deps.store.linkedIdentities.find({ ...identity, workspaceId: workspace.id })
  const user = linked && (await deps.store.users.find(workspace.id, linked.userId))
  // An account of our own keeps what it says of itself: the provider vouches for the person, and no more.
  if (!user?.enabled || user.sourceId !== identity.sourceId) return user
  await deps.store.users.refreshClaims(workspace.id, user.userId, identity.claims, deps.clock.now())
  return { ...user, claims: identity.claims }
}

/**
 * An account of our own that may be the same person's: the one with the e-mail address, among those that could sign in
 * to the client by password.
 *
 * Security: only for an address that the provider has verified. Whoever may choose their address there could otherwise
 * pick out our accounts one by one. Nothing is linked by this: the account's password is asked for.
 */
export async function accountToLink(
  exchange: Exchange,
  { client }: Interaction,
  { claims }: UpstreamIdentity,
): Promise<UserRecord | undefined> {
  const source = passwordSource(exchange, client)
  const email = verifiedAddress(claims)
  const key = usernameKey(email)
  // Other letters than were verified are another mailbox, though as a username they come to the same (`K`, Kelvin).
  if (source === undefined || key === '' || key !== withoutCapitals(email)) return undefined
  const { deps, workspace } = exchange
  const user = await deps.store.users.findByUsername(workspace.id, source, key)
  return user?.enabled && user.passwordHash !== null ? user : undefined
}

/** Resolves `true` where the identity belongs to this account from now on. */
export function linkAccount(
  { deps, workspace }: Exchange,
  identity: UpstreamIdentity,
  { userId }: UserRecord,
): Promise<boolean> {
  return deps.store.linkedIdentities.insert(linkTo(identity, workspace.id, userId, deps.clock.now()))
}

/** A new account of the identity's own source: or the one that another tab has made meanwhile. */
export async function createFederatedAccount(
  exchange: Exchange,
  identity: UpstreamIdentity,
): Promise<UserRecord> {
  const { deps, workspace } = exchange
  const now = deps.clock.now()
  const userId = newId(deps.random, 'usr')
  // The address may belong to somebody who had it before, and the subject may look like anything. Security: whoever may
  // choose an address there does not get its owner's name, by which operators assign people to clients.
  for (const username of [verifiedAddress(identity.claims), identity.subject, userId]) {
    const key = usernameKey(username)
    if (key === '') continue
    const user: UserRecord = {
      workspaceId: workspace.id,
      userId,
      sourceId: identity.sourceId,
      username: username.trim(),
      usernameKey: key,
      passwordHash: null,
      enabled: true,
      claims: identity.claims,
      clients: [],
      owner: 'local',
      createdAt: now,
      updatedAt: now,
    }
    const link = linkTo(identity, workspace.id, userId, now)
    if (await deps.store.linkedIdentities.insertWithUser(link, user)) return user
    const other = await linkedAccount(exchange, identity)
    if (other) return other
  }
  throw new Error('no username is free for a new account')
}

/** Empty where the provider does not vouch for one. */
function verifiedAddress({ email, email_verified }: UserClaims): string {
  return email_verified === true && typeof email === 'string' ? email : ''
}

function withoutCapitals(email: string): string {
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function linkTo(
  { sourceId, issuer, subject }: UpstreamIdentity,
  workspaceId: string,
  userId: string,
  linkedAt: number,
): LinkedIdentityRecord {
  return { workspaceId, sourceId, issuer, subject, userId, linkedAt }
}
