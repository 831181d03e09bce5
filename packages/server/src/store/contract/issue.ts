import type {
  AccessTokenRecord,
  Authorization,
  AuthorizationCodeRecord,
  GrantRecord,
  RefreshFamilyRecord,
} from '../records.ts'
import type { Store } from '../store.ts'
import { aCode, aFamily, aGrant, anAccessToken, anAuthorization, NOW, WORKSPACE } from './builders.ts'

/** A code, and all that its redemption stores. */
export interface Issued {
  readonly code: AuthorizationCodeRecord
  readonly grant: GrantRecord
  readonly family: RefreshFamilyRecord
  readonly token: AccessTokenRecord
}

export function toIssue(
  authorization: Partial<Authorization>,
  workspaceId = WORKSPACE,
  family: Partial<RefreshFamilyRecord> = {},
): Issued {
  const granted = anAuthorization(authorization)
  const { clientId, userId } = granted
  const code = aCode({ workspaceId, authorization: granted })
  const { grantId } = code
  return {
    code,
    grant: aGrant({ workspaceId, grantId, authorization: granted }),
    family: aFamily({ workspaceId, grantId, clientId, ...family }),
    token: anAccessToken({ workspaceId, grantId, clientId, userId }),
  }
}

export function redeem(store: Store, { code, grant, family, token }: Issued, at = NOW): Promise<boolean> {
  const { workspaceId, codeHash } = code
  return store.codes.redeem(workspaceId, codeHash, at, { grant, refreshFamily: family, accessToken: token })
}

/** A grant with a refresh token and an opaque access token, made as all are: by redeeming a code. */
export async function insertGrant(
  store: Store,
  authorization: Partial<Authorization>,
  workspaceId = WORKSPACE,
  family: Partial<RefreshFamilyRecord> = {},
): Promise<Issued> {
  const issued = toIssue(authorization, workspaceId, family)
  await store.codes.insert(issued.code)
  await redeem(store, issued)
  return issued
}
