import { stateAt } from '../../core/keys/rotation.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'

/** A signing key as operators see it. */
export interface KeyView {
  readonly workspace: string
  readonly issuer: string
  readonly kid: string
  readonly alg: SigningAlgorithm
  /**
   * `next`: published, does not sign yet. `active`: signs. `retired`: still published for the tokens it signed.
   * `withdrawn`: not published any more, verifies hints at logout. `revoked`: good for nothing.
   */
  readonly state: ReturnType<typeof stateAt>
  readonly created_at: EpochSeconds
  /** When it begins, or began, to sign. */
  readonly signs_from: EpochSeconds
  /** When it leaves the JWKS; null while nothing is planned. */
  readonly withdrawn_at: EpochSeconds | null
  readonly deleted_at: EpochSeconds | null
}

/** The keys of a workspace, by algorithm, in the order in which they sign. */
export function keyViews(
  workspace: Workspace,
  keys: readonly SigningKeyRecord[],
  now: EpochSeconds,
): readonly KeyView[] {
  return [...keys]
    .sort((a, b) => a.alg.localeCompare(b.alg) || a.activateAt - b.activateAt)
    .map((key) => keyView(workspace, key, keys, now))
}

export function keyView(
  workspace: Workspace,
  key: SigningKeyRecord,
  all: readonly SigningKeyRecord[],
  now: EpochSeconds,
): KeyView {
  return {
    workspace: workspace.id,
    issuer: workspace.issuer,
    kid: key.kid,
    alg: key.alg,
    state: stateAt(key, all, now),
    created_at: key.createdAt,
    signs_from: key.activateAt,
    withdrawn_at: key.withdrawAt,
    deleted_at: key.deleteAt,
  }
}
