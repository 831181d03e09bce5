/**
 * Records for tests: valid, each with ids of its own, and with what the test says put in place. Times hang on
 * `NOW`.
 */
import type { EpochSeconds } from '../../protocol/types.ts'
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
  TenantRecord,
  UserRecord,
  WorkspaceRecord,
} from '../records.ts'
import type { RefreshRotation } from '../store.ts'

/** When the tests begin. */
export const NOW: EpochSeconds = 1_800_000_000

export const WORKSPACE = 'acme:main'
export const OTHER_WORKSPACE = 'acme:other'

let made = 0

/** `name` with a number that no other call gets. */
export function unique(name: string): string {
  made += 1
  return `${name}_${made}`
}

export function aTenant(over: Partial<TenantRecord> = {}): TenantRecord {
  const tenantId = over.tenantId ?? unique('tenant')
  return { tenantId, name: `Tenant ${tenantId}`, url: null, hosts: [], owner: 'local', ...over }
}

export function aWorkspace(over: Partial<WorkspaceRecord> = {}): WorkspaceRecord {
  const tenantId = over.tenantId ?? 'acme'
  const id = over.id ?? unique('workspace')
  return {
    workspaceId: `${tenantId}:${id}`,
    tenantId,
    id,
    name: `Workspace ${id}`,
    path: `/${tenantId}/${id}`,
    settings: {
      signing_algs: ['ES256', 'RS256'],
      lifetimes: { authorization_code: 60, access_token: 600, id_token: 600, session: 43_200 },
      scopes: [{ name: 'openid' }, { name: 'notes:read', description: 'Read your notes', sensitive: true }],
      default_scope: 'openid',
      access_token_format: 'jwt',
      registration: 'off',
      client_id_metadata_documents: false,
      resources: [{ identifier: 'https://api.example.com', scopes: ['notes:read'] }],
      loopback_resources: true,
      identity_sources: [{ id: 'local', type: 'pool' }],
      sign_up: 'closed',
      branding: { accent: '#205080' },
    },
    secretsSealed: `sealed secrets of ${id}`,
    owner: 'local',
    ...over,
  }
}

export function aClient(over: Partial<ClientRecord> = {}): ClientRecord {
  const clientId = over.clientId ?? unique('client')
  return {
    workspaceId: WORKSPACE,
    clientId,
    metadata: {
      client_id: clientId,
      redirect_uris: ['https://app.example.com/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    secrets: [],
    owner: 'local',
    createdAt: NOW,
    updatedAt: NOW,
    disabled: false,
    ...over,
  }
}

export function aClientSecret(over: Partial<ClientSecretRecord> = {}): ClientSecretRecord {
  return { secretId: unique('sec'), secretHash: unique('hash'), createdAt: NOW, expiresAt: 0, ...over }
}

export function aUser(over: Partial<UserRecord> = {}): UserRecord {
  const username = over.username ?? unique('Alice')
  return {
    workspaceId: WORKSPACE,
    userId: unique('usr'),
    sourceId: 'local',
    username,
    usernameKey: username.toLowerCase(),
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    enabled: true,
    claims: { name: 'Alice Ångström', address: { country: 'SE' } },
    clients: [],
    owner: 'local',
    createdAt: NOW,
    updatedAt: NOW,
    ...over,
  }
}

export function aSession(over: Partial<SessionRecord> = {}): SessionRecord {
  return {
    workspaceId: WORKSPACE,
    sid: unique('sid'),
    browserHash: unique('browser'),
    userId: unique('usr'),
    authTime: NOW,
    acr: 'urn:pixy:acr:password',
    amr: ['pwd'],
    persistent: false,
    createdAt: NOW,
    lastUsedAt: NOW,
    expiresAt: NOW + 43_200,
    sourceId: null,
    ...over,
  }
}

export function aLinkedIdentity(over: Partial<LinkedIdentityRecord> = {}): LinkedIdentityRecord {
  return {
    workspaceId: WORKSPACE,
    sourceId: 'corp',
    issuer: 'https://idp.example.com',
    subject: unique('sub'),
    userId: unique('usr'),
    linkedAt: NOW,
    ...over,
  }
}

export function anInteraction(over: Partial<InteractionRecord> = {}): InteractionRecord {
  return {
    workspaceId: WORKSPACE,
    flowId: unique('flow'),
    browserHash: unique('browser'),
    clientId: 'client',
    request: '{"state":"s"}',
    progress: '{}',
    createdAt: NOW,
    expiresAt: NOW + 600,
    finishedAt: null,
    ...over,
  }
}

export function aPushedRequest(over: Partial<PushedRequestRecord> = {}): PushedRequestRecord {
  return {
    workspaceId: WORKSPACE,
    requestHash: unique('request'),
    clientId: 'client',
    flowId: unique('flow'),
    request: '{"state":"s"}',
    createdAt: NOW,
    expiresAt: NOW + 90,
    consumedAt: null,
    ...over,
  }
}

export function aConsent(over: Partial<ConsentRecord> = {}): ConsentRecord {
  return {
    workspaceId: WORKSPACE,
    userId: unique('usr'),
    clientId: unique('client'),
    scope: ['openid', 'notes:read'],
    declined: [],
    grantedAt: NOW,
    expiresAt: NOW + 31_536_000,
    ...over,
  }
}

export function anAuthorization(over: Partial<Authorization> = {}): Authorization {
  return {
    clientId: 'client',
    userId: 'usr',
    sid: null,
    scope: ['openid', 'notes:read'],
    resources: [],
    claims: { userinfo: {}, id_token: { email: { essential: true } } },
    nonce: 'n-0S6_WzA2Mj',
    authTime: NOW,
    acr: 'urn:pixy:acr:password',
    amr: ['pwd'],
    flowId: unique('flow'),
    ...over,
  }
}

export function aCode(over: Partial<AuthorizationCodeRecord> = {}): AuthorizationCodeRecord {
  return {
    workspaceId: WORKSPACE,
    codeHash: unique('code'),
    grantId: unique('grant'),
    redirectUri: 'https://app.example.com/callback',
    redirectUriSent: true,
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    authorization: anAuthorization(),
    issuedAt: NOW,
    expiresAt: NOW + 60,
    consumedAt: null,
    ...over,
  }
}

/** It waits for an answer. */
export function aDeviceCode(over: Partial<DeviceCodeRecord> = {}): DeviceCodeRecord {
  return {
    workspaceId: WORKSPACE,
    codeHash: unique('device'),
    userCodeHash: unique('user-code'),
    grantId: unique('grant'),
    clientId: 'client',
    scope: ['openid', 'notes:read'],
    resources: [],
    network: '192.0.2.1',
    flowId: unique('flow'),
    issuedAt: NOW,
    expiresAt: NOW + 600,
    interval: 5,
    lastPolledAt: null,
    answeredAt: null,
    authorization: null,
    consumedAt: null,
    ...over,
  }
}

export function aGrant(over: Partial<GrantRecord> = {}): GrantRecord {
  return {
    workspaceId: WORKSPACE,
    grantId: unique('grant'),
    authorization: anAuthorization(),
    createdAt: NOW,
    expiresAt: NOW + 86_400,
    revokedAt: null,
    revokedReason: null,
    ...over,
  }
}

/** The first token of a family; its grant must be stored with it. */
export function aFamily(over: Partial<RefreshFamilyRecord> = {}): RefreshFamilyRecord {
  return {
    workspaceId: WORKSPACE,
    familyHash: unique('family'),
    grantId: unique('grant'),
    clientId: 'client',
    generation: 1,
    currentHash: unique('refresh'),
    previousHash: null,
    rotatedAt: null,
    successorSealed: null,
    createdAt: NOW,
    idleExpiresAt: NOW + 3600,
    absoluteExpiresAt: 0,
    revokedAt: null,
    ...over,
  }
}

/** What rotates `family` from its current token. */
export function aRotation(
  family: Pick<RefreshFamilyRecord, 'currentHash'>,
  over: Partial<RefreshRotation> = {},
): RefreshRotation {
  const at = over.at ?? NOW + 10
  return {
    presentedHash: family.currentHash,
    nextHash: unique('refresh'),
    successorSealed: unique('sealed'),
    at,
    idleExpiresAt: at + 3600,
    grantExpiresAt: at + 3600,
    ...over,
  }
}

export function anAccessToken(over: Partial<AccessTokenRecord> = {}): AccessTokenRecord {
  return {
    workspaceId: WORKSPACE,
    tokenHash: unique('token'),
    grantId: null,
    clientId: 'client',
    userId: null,
    scope: ['notes:read'],
    audience: 'https://api.example.com',
    actor: null,
    issuedAt: NOW,
    expiresAt: NOW + 600,
    ...over,
  }
}

export function aSigningKey(over: Partial<SigningKeyRecord> = {}): SigningKeyRecord {
  const kid = over.kid ?? unique('kid')
  return {
    workspaceId: WORKSPACE,
    kid,
    alg: 'ES256',
    state: 'active',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid },
    privateSealed: `sealed key ${kid}`,
    createdAt: NOW,
    activateAt: NOW,
    withdrawAt: null,
    deleteAt: null,
    ...over,
  }
}

export function aDeviation(over: Partial<ClientDeviationRecord> = {}): ClientDeviationRecord {
  return {
    workspaceId: WORKSPACE,
    clientId: 'notes',
    deviation: 'atm_hex_challenge',
    count: 1,
    firstUsedAt: NOW,
    lastUsedAt: NOW,
    ...over,
  }
}

export function aFlowEvent(over: Partial<FlowEventRecord> = {}): FlowEventRecord {
  return {
    workspaceId: WORKSPACE,
    eventId: unique('evt'),
    flowId: unique('flow'),
    at: NOW,
    kind: 'authorize',
    clientId: 'client',
    reason: null,
    detail: '{"status":302}',
    expiresAt: NOW + 86_400,
    ...over,
  }
}
