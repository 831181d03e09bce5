import type { UserRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { newId } from '../handles.ts'
import type { SignUpProblem } from '../interaction/pages.ts'
import { HasherBusy } from '../ports.ts'
import { checkPassword, MIN_PASSWORD_LENGTH } from './password-policy.ts'
import { usernameKey } from './username.ts'

export { MIN_PASSWORD_LENGTH }

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,250}$/

export interface NewAccount {
  readonly sourceId: string
  readonly username: string
  readonly name: string
  readonly password: string
  readonly confirmation: string
}

/** Makes an account of a person's own (sign-up). Resolves with the record, or with what is wrong. */
export async function createAccount(
  exchange: Exchange,
  account: NewAccount,
): Promise<UserRecord | SignUpProblem> {
  const { deps, workspace } = exchange
  const email = account.username.trim()
  const key = usernameKey(email)
  if (key === '' || !EMAIL.test(email)) return { kind: 'invalid_email' }
  const weak = await checkPassword(account.password, [email, account.name])
  if (weak) return weak
  if (account.password !== account.confirmation) return { kind: 'passwords_differ' }
  let passwordHash: string
  try {
    // Hashed before the name is looked up: a taken name takes as long as a free one.
    passwordHash = await deps.hasher.hash(account.password.normalize('NFC'))
  } catch (error) {
    if (error instanceof HasherBusy) return { kind: 'busy', retryAfter: 2 }
    throw error
  }
  const now = deps.clock.now()
  const name = account.name.trim().slice(0, 200)
  const user: UserRecord = {
    workspaceId: workspace.id,
    userId: newId(deps.random, 'usr'),
    sourceId: account.sourceId,
    username: email,
    usernameKey: key,
    passwordHash,
    enabled: true,
    claims: { email, email_verified: false, ...(name === '' ? {} : { name }) },
    clients: [],
    owner: 'local',
    createdAt: now,
    updatedAt: now,
  }
  return (await deps.store.users.insert(user)) ? user : { kind: 'taken' }
}
