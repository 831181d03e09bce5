/**
 * What core asks of a database. An engine passes the suite in `contract/`; nothing else is promised.
 *
 * Every write has reached the disk when its promise resolves. An operation that may succeed only once resolves `true`
 * for exactly one caller, however many race: the database decides, by one conditional statement, never by a read
 * before it. All methods reject with `StoreUnavailable` when the database cannot be reached in time.
 */
import type { EpochSeconds, Seconds } from '../protocol/types.ts'
import type {
  AccessTokenRecord,
  Authorization,
  AuthorizationCodeRecord,
  ClientDeviationRecord,
  ClientRecord,
  ClientSecretRecord,
  ConsentRecord,
  DeviceCodeRecord,
  FlowEventRecord,
  GrantRecord,
  InteractionRecord,
  LinkedIdentityRecord,
  PushedRequestRecord,
  RefreshFamilyRecord,
  SessionRecord,
  SigningKeyRecord,
  SigningKeyState,
  TenantRecord,
  ThrottleRecord,
  UserClaims,
  UserRecord,
  WorkspaceRecord,
} from './records.ts'

/** The database did not answer in time: 503, and nothing was decided. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** This engine leaves that to tools of its own, which the message names. */
export class NotOffered extends Error {
  override name = 'NotOffered'
}

export interface Store {
  readonly tenants: TenantStore
  readonly workspaces: WorkspaceStore
  readonly clients: ClientStore
  readonly users: UserStore
  readonly linkedIdentities: LinkedIdentityStore
  readonly sessions: SessionStore
  readonly interactions: InteractionStore
  readonly pushedRequests: PushedRequestStore
  readonly consents: ConsentStore
  readonly codes: AuthorizationCodeStore
  readonly deviceCodes: DeviceCodeStore
  readonly grants: GrantStore
  readonly refreshTokens: RefreshTokenStore
  readonly accessTokens: AccessTokenStore
  readonly onceOnly: OnceOnlyStore
  readonly keys: SigningKeyStore
  readonly throttles: ThrottleStore
  readonly flowEvents: FlowEventStore
  readonly deviations: DeviationStore

  /** Creates or upgrades the schema. Resolves with the names of the migrations that ran. */
  migrate(): Promise<readonly string[]>
  /** The migrations that `migrate` would run. */
  pendingMigrations(): Promise<readonly string[]>
  /** Deletes at most `limit` expired rows of each kind. Resolves with how many went; 0 while another process does so. */
  sweep(now: EpochSeconds, limit: number): Promise<number>
  /** Changes when another process (or this one) has changed tenants, workspaces, clients or keys. */
  configurationVersion(): Promise<number>
  /** Answers when the database can be read. */
  ping(): Promise<void>
  /**
   * Copies the whole database to `file` while it is in use. `progress` is called with 0 … 1.
   *
   * @throws {NotOffered} where the database has better tools for it
   */
  backup(file: string, progress?: (done: number) => void): Promise<void>
  /** Finishes what is under way and closes. */
  close(): Promise<void>
}

/** A tenant with all that it begins with. */
export interface NewTenant {
  readonly tenant: TenantRecord
  readonly workspaces: readonly WorkspaceRecord[]
  readonly keys: readonly SigningKeyRecord[]
  readonly clients: readonly ClientRecord[]
  readonly users: readonly UserRecord[]
}

export interface TenantStore {
  list(): Promise<readonly TenantRecord[]>
  /** Stores all of it, for exactly one caller. `false` where the tenant's id is taken: then nothing is stored. */
  create(made: NewTenant): Promise<boolean>
  put(tenant: TenantRecord): Promise<void>
  delete(tenantId: string): Promise<void>
}

export interface WorkspaceStore {
  list(): Promise<readonly WorkspaceRecord[]>
  /** Inserts, or replaces all but `secretsSealed`, which never changes once there. */
  put(workspace: WorkspaceRecord): Promise<void>
  delete(workspaceId: string): Promise<void>
}

export interface Page {
  readonly limit: number
  /** The last id of the page before; absent for the first. */
  readonly after?: string | undefined
}

export interface ClientStore {
  find(workspaceId: string, clientId: string): Promise<ClientRecord | undefined>
  /** In the order of `clientId`. */
  list(workspaceId: string, page: Page): Promise<readonly ClientRecord[]>
  /** `false` where the id is taken. */
  insert(client: ClientRecord): Promise<boolean>
  /** Replaces the record and all its secrets. `false` where there is none. */
  update(client: ClientRecord): Promise<boolean>
  addSecret(workspaceId: string, clientId: string, secret: ClientSecretRecord): Promise<void>
  removeSecret(workspaceId: string, clientId: string, secretId: string): Promise<boolean>
  /** Also ends its grants, codes and tokens, and forgets its deviations. */
  delete(workspaceId: string, clientId: string): Promise<boolean>
}

export interface UserStore {
  find(workspaceId: string, userId: string): Promise<UserRecord | undefined>
  findByUsername(workspaceId: string, sourceId: string, usernameKey: string): Promise<UserRecord | undefined>
  /** In the order of `userId`; `search` matches the start of the username key. */
  list(
    workspaceId: string,
    page: Page & { readonly search?: string | undefined },
  ): Promise<readonly UserRecord[]>
  /** `false` where (source, username) or the id is taken. */
  insert(user: UserRecord): Promise<boolean>
  update(user: UserRecord): Promise<boolean>
  /** Replaces the claims alone: whatever else is changed at the same time, such as `enabled`, stays. */
  refreshClaims(workspaceId: string, userId: string, claims: UserClaims, at: EpochSeconds): Promise<void>
  delete(workspaceId: string, userId: string): Promise<boolean>
}

/** They go with their user. */
export interface LinkedIdentityStore {
  find(
    identity: Pick<LinkedIdentityRecord, 'workspaceId' | 'sourceId' | 'issuer' | 'subject'>,
  ): Promise<LinkedIdentityRecord | undefined>
  /** `false` where the identity is linked already. */
  insert(identity: LinkedIdentityRecord): Promise<boolean>
  /** With a new account, in one transaction. `false`, and nothing stored, where identity or username are taken. */
  insertWithUser(identity: LinkedIdentityRecord, user: UserRecord): Promise<boolean>
}

export interface SessionStore {
  /** Live sessions of one browser, the last used first. */
  findByBrowser(
    workspaceId: string,
    browserHash: string,
    now: EpochSeconds,
  ): Promise<readonly SessionRecord[]>
  find(workspaceId: string, sid: string): Promise<SessionRecord | undefined>
  /**
   * Signs a person in: inserts `session`, moves the browser's other sessions to the new cookie and drops an earlier
   * session of the same person in that browser (or with the same `sid`), in one transaction.
   */
  signIn(session: SessionRecord, previousBrowserHash: string | null): Promise<void>
  touch(workspaceId: string, sid: string, at: EpochSeconds): Promise<void>
  delete(workspaceId: string, sid: string): Promise<void>
  /** Ends every session of the browser. Resolves with those that ended. */
  deleteByBrowser(workspaceId: string, browserHash: string): Promise<readonly SessionRecord[]>
  deleteByUser(workspaceId: string, userId: string): Promise<void>
}

export interface InteractionStore {
  insert(interaction: InteractionRecord): Promise<void>
  find(workspaceId: string, flowId: string): Promise<InteractionRecord | undefined>
  /** Replaces `progress` where it is still `before` and the interaction is not finished. `true` for one caller. */
  advance(workspaceId: string, flowId: string, before: string, progress: string): Promise<boolean>
  /** Marks it finished; `true` for exactly one caller. With `code`, stores that code in the same transaction. */
  finish(
    workspaceId: string,
    flowId: string,
    at: EpochSeconds,
    code: AuthorizationCodeRecord | undefined,
  ): Promise<boolean>
}

export interface PushedRequestStore {
  insert(request: PushedRequestRecord): Promise<void>
  /** Also finds spent and expired ones, until they are swept. */
  find(workspaceId: string, requestHash: string): Promise<PushedRequestRecord | undefined>
  /** Spends it and forgets what was in it. `true` for exactly one caller, before its end. */
  consume(workspaceId: string, requestHash: string, at: EpochSeconds): Promise<boolean>
}

export interface ConsentStore {
  find(workspaceId: string, userId: string, clientId: string): Promise<ConsentRecord | undefined>
  put(consent: ConsentRecord): Promise<void>
  delete(workspaceId: string, userId: string, clientId: string): Promise<boolean>
}

/** The tokens of one redemption that need a row. */
export interface IssuedRecords {
  readonly grant: GrantRecord
  readonly refreshFamily?: RefreshFamilyRecord | undefined
  readonly accessToken?: AccessTokenRecord | undefined
}

export interface AuthorizationCodeStore {
  insert(code: AuthorizationCodeRecord): Promise<void>
  /** Also finds spent and expired ones, until they are swept. */
  find(workspaceId: string, codeHash: string): Promise<AuthorizationCodeRecord | undefined>
  /**
   * Spends the code and stores what came of it, in one transaction. `true` for exactly one caller; with `false`
   * nothing is stored.
   */
  redeem(workspaceId: string, codeHash: string, at: EpochSeconds, issued: IssuedRecords): Promise<boolean>
}

export interface DeviceCodeStore {
  /** `false` where the user code is taken. */
  insert(code: DeviceCodeRecord): Promise<boolean>
  /** Also finds answered, spent and expired ones, until they are swept. */
  find(workspaceId: string, codeHash: string): Promise<DeviceCodeRecord | undefined>
  findByUserCode(workspaceId: string, userCodeHash: string): Promise<DeviceCodeRecord | undefined>
  /** The codes that a network has of a client, answered or not, until they are redeemed or end. */
  countUnspent(
    workspaceId: string,
    clientId: string,
    network: string,
    at: EpochSeconds,
  ): Promise<{ readonly count: number; readonly firstEnd: EpochSeconds | null }>
  /** `true` where the interval has passed since the last poll; else the interval grows by `penalty`. */
  poll(workspaceId: string, codeHash: string, at: EpochSeconds, penalty: Seconds): Promise<boolean>
  /**
   * Answers the code and finishes the interaction in which that was decided, in one transaction. Without
   * `authorization` it is denied. `true` for exactly one caller, while the code lives.
   */
  answer(
    workspaceId: string,
    codeHash: string,
    at: EpochSeconds,
    flowId: string,
    authorization: Authorization | null,
  ): Promise<boolean>
  /** As `AuthorizationCodeStore.redeem`, for a code that was allowed. */
  redeem(workspaceId: string, codeHash: string, at: EpochSeconds, issued: IssuedRecords): Promise<boolean>
}

export interface GrantStore {
  find(workspaceId: string, grantId: string): Promise<GrantRecord | undefined>
  /** Ends the grant with every token of it. Harmless where it is revoked already or not there. */
  revoke(workspaceId: string, grantId: string, at: EpochSeconds, reason: string): Promise<void>
  /** Ends all grants of a user (with `clientId`: those of that client only). */
  revokeByUser(
    workspaceId: string,
    userId: string,
    clientId: string | null,
    at: EpochSeconds,
    reason: string,
  ): Promise<void>
  /** Ends the grants that were given in one session and hold no offline access. */
  revokeBySession(workspaceId: string, sid: string, at: EpochSeconds, reason: string): Promise<void>
}

export interface RefreshRotation {
  readonly presentedHash: string
  readonly nextHash: string
  readonly successorSealed: string
  readonly at: EpochSeconds
  readonly idleExpiresAt: EpochSeconds
  readonly grantExpiresAt: EpochSeconds
  readonly accessToken?: AccessTokenRecord | undefined
}

export interface RefreshTokenStore {
  /** The family with its grant; also a revoked or expired one, until it is swept. */
  find(
    workspaceId: string,
    familyHash: string,
  ): Promise<{ readonly family: RefreshFamilyRecord; readonly grant: GrantRecord } | undefined>
  /** `true` for the one caller whose `presentedHash` is still current in a family and grant that live. */
  rotate(workspaceId: string, familyHash: string, rotation: RefreshRotation): Promise<boolean>
  /** Policy `reuse`: keeps the token and moves its idle end. `false` where it does not live any more. */
  slide(
    workspaceId: string,
    familyHash: string,
    presentedHash: string,
    at: EpochSeconds,
    idleExpiresAt: EpochSeconds,
    grantExpiresAt: EpochSeconds,
    accessToken: AccessTokenRecord | undefined,
  ): Promise<boolean>
}

export interface AccessTokenStore {
  insert(token: AccessTokenRecord): Promise<void>
  find(workspaceId: string, tokenHash: string): Promise<AccessTokenRecord | undefined>
  delete(workspaceId: string, tokenHash: string): Promise<void>
}

/** Names that may be used once: `jti`s of assertions, and the `jti`s of revoked JWT access tokens. */
export interface OnceOnlyStore {
  /** `true` for the first caller with this name; it is remembered until `expiresAt`. */
  claim(workspaceId: string, name: string, expiresAt: EpochSeconds): Promise<boolean>
  has(workspaceId: string, name: string): Promise<boolean>
}

export interface SigningKeyStore {
  list(workspaceId: string): Promise<readonly SigningKeyRecord[]>
  insert(key: SigningKeyRecord): Promise<void>
  /** Moves a key on. `true` for the one caller that found it in state `from`. */
  setState(
    workspaceId: string,
    kid: string,
    from: SigningKeyState,
    to: SigningKeyState,
    times: {
      readonly activateAt?: EpochSeconds
      readonly withdrawAt?: EpochSeconds
      readonly deleteAt?: EpochSeconds
    },
  ): Promise<boolean>
}

export interface ThrottleStore {
  find(workspaceId: string, keys: readonly string[]): Promise<ReadonlyMap<string, ThrottleRecord>>
  /**
   * Counts a failure under `key` by one upsert. Failures fade: the count starts again when `window` has passed since
   * the last. Past `free` failures the key is blocked for `2^(failures - free)` seconds, at most `longest`.
   */
  fail(
    workspaceId: string,
    key: string,
    now: EpochSeconds,
    limit: { readonly free: number; readonly window: Seconds; readonly longest: Seconds },
  ): Promise<ThrottleRecord>
  clear(workspaceId: string, key: string): Promise<void>
  clearAll(): Promise<void>
}

export interface DeviationStore {
  /** Adds to what is counted, all or nothing. What names a client that is not there is left out. */
  addMany(deviations: readonly ClientDeviationRecord[]): Promise<void>
  /** The one that was used last first. */
  list(workspaceId: string, clientId: string): Promise<readonly ClientDeviationRecord[]>
  /** Forgets those of one client. Resolves with how many kinds there were. */
  clear(workspaceId: string, clientId: string): Promise<number>
}

export interface FlowEventStore {
  insertMany(events: readonly FlowEventRecord[]): Promise<void>
  /** By flow id or event id, oldest first, at most 500; over all workspaces (ids are unguessable). */
  findByFlow(id: string): Promise<readonly FlowEventRecord[]>
  /** The newest first. */
  list(workspaceId: string | null, limit: number): Promise<readonly FlowEventRecord[]>
}
