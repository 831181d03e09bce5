import { z } from 'zod'
import { userSchema } from './user.ts'
import { id, name, scopeList, webUri } from './values.ts'

const common = {
  id: id().describe('Named by clients and users.'),
  name: name().optional().describe('Shown where a person chooses.'),
}

export const identitySourceSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ ...common, type: z.literal('pool').describe('The built-in user store.') }),
    z.strictObject({
      ...common,
      type: z.literal('sandbox').describe('Users for tests; refused with --production.'),
      users: z.array(userSchema).optional().describe('Its users; the member source is not needed.'),
    }),
    z.strictObject({
      ...common,
      type: z.literal('oidc').describe('Another OpenID provider.'),
      issuer: webUri()
        .refine((uri) => !/[?#]/.test(uri), { error: 'expected an issuer without query and fragment' })
        .describe('The provider’s issuer.'),
      client_id: z.string().min(1).describe('Our client id there.'),
      client_secret: z.string().min(1).optional().describe('Our secret there, also env:NAME or file:PATH.'),
      scope: scopeList().optional().describe('What to ask for; default: openid profile email.'),
    }),
  ])
  .describe('Where accounts come from.')

export type IdentitySourceConfig = z.output<typeof identitySourceSchema>
