import { jwks } from '../../core/jwks/jwks.ts'
import type { Route } from '../../core/serve.ts'
import type { Dialect } from '../dialect.ts'
import { atmAccessToken } from './access-token.ts'
import { deviations } from './deviations.ts'
import { login } from './login.ts'
import { passwordSignIn } from './password-sign-in.ts'
import { token } from './token.ts'

/** ATM / Token: JSON, hex challenges, a password endpoint. */
export const atm: Dialect = {
  name: 'atm',
  routes: new Map<string, Route>([
    ['/login', { kind: 'authorize', errors: 'page', cors: 'none', methods: { GET: login } }],
    ['/auth', { kind: 'sign_in', errors: 'json', cors: 'clients', methods: { POST: passwordSignIn } }],
    ['/auth/token', { kind: 'token', errors: 'json', cors: 'clients', methods: { POST: token } }],
    // Of no client in particular: the keys are public, here as at their own address.
    [
      '/auth/.well-known/jwks.json',
      { kind: 'metadata', errors: 'json', cors: 'public', methods: { GET: jwks } },
    ],
  ]),
  accessTokenProfiles: [atmAccessToken],
  deviations,
}
