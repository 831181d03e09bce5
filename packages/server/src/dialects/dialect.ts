import type { Handler, Route } from '../core/serve.ts'
import type { AccessTokenProfile } from '../core/tokens/access-token-profile.ts'
import type { Dialect as DialectName } from '../protocol/client-metadata.ts'

/** One older system's way of speaking. */
export interface Dialect {
  readonly name: DialectName
  /** Paths of its own, relative to the issuer. */
  readonly routes: ReadonlyMap<string, Route>
  /** The same with one more segment behind the slash: `/userinfo/` serves `/userinfo/usr_1`. */
  readonly prefixes?: ReadonlyMap<string, Route>
  /** Handlers of core that it stands in front of, by `METHOD path`. */
  readonly around?: ReadonlyMap<string, Around>
  /** Access tokens of its own shape. */
  readonly accessTokenProfiles?: readonly AccessTokenProfile[]
  /** Its public clients may have refresh tokens that stay the same. */
  readonly reusesRefreshTokens?: boolean
  /** What its clients do that a standard forbids or does not know, by the id under which it is counted. */
  readonly deviations: Readonly<Record<string, Deviation>>
}

/** Makes a handler that translates, and hands whatever is not its own on to `next` unchanged. */
export type Around = (next: Handler) => Handler

export interface Deviation {
  /** What the client does. */
  readonly summary: string
  /** The section that says otherwise. */
  readonly rule: string
  /** What to change in the client, so that it can be switched to strict. */
  readonly fix: string
}
