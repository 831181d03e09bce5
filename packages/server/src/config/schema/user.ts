import { z } from 'zod'
import { usernameKey } from '../../core/accounts/username.ts'
import { id } from './values.ts'

const claim = () => z.string().max(2000, { error: 'expected at most 2000 characters' })

/** OIDC Core §5.1.1. */
const addressSchema = z
  .strictObject({
    formatted: claim().optional().describe('The whole address, with line breaks.'),
    street_address: claim().optional().describe('Street and house number, perhaps with line breaks.'),
    locality: claim().optional().describe('City.'),
    region: claim().optional().describe('State or region.'),
    postal_code: claim().optional().describe('Postal code.'),
    country: claim().optional().describe('Country.'),
  })
  .describe('Postal address (OIDC Core §5.1.1).')

/** OIDC Core §5.1; others may be added freely. */
const claimsSchema = z
  .object({
    name: claim().optional().describe('Full name, as it is shown.'),
    given_name: claim().optional().describe('First name.'),
    family_name: claim().optional().describe('Last name.'),
    middle_name: claim().optional().describe('Middle name.'),
    nickname: claim().optional().describe('Casual name.'),
    preferred_username: claim().optional().describe('Shorthand name; default: the username.'),
    profile: claim().optional().describe('URL of a page about the person.'),
    picture: claim().optional().describe('URL of a picture.'),
    website: claim().optional().describe('URL of the person’s own page.'),
    email: claim().optional().describe('E-mail address.'),
    email_verified: z.boolean().optional().describe('Whether the address is known to be the person’s.'),
    gender: claim().optional().describe('Gender.'),
    birthdate: claim().optional().describe('YYYY-MM-DD, YYYY, or 0000-MM-DD.'),
    zoneinfo: claim().optional().describe('Time zone, such as Europe/Vienna.'),
    locale: claim().optional().describe('Language, such as de-AT.'),
    phone_number: claim().optional().describe('E.164, such as +43 1 234567.'),
    phone_number_verified: z.boolean().optional().describe('Whether the number is known to be the person’s.'),
    address: addressSchema.optional(),
    sub: z
      .never({ error: 'expected no sub: Pixy gives each user one' })
      .optional()
      .describe('Not allowed: Pixy gives it.'),
  })
  .catchall(z.json())
  .describe('What is known about the person (OIDC Core §5.1), and claims of your own.')

export const userSchema = z
  .strictObject({
    source: id()
      .optional()
      .describe('Identity source that holds the account; default: the workspace’s first.'),
    username: z
      .string()
      .refine((username) => usernameKey(username) !== '', {
        error: 'expected 1 to 320 characters, such as alice@example.com',
      })
      .describe('What the person signs in with; case does not matter.'),
    password: z
      .string()
      .min(1, { error: 'expected a password; leave the member out for an account without one' })
      .refine((password) => Buffer.byteLength(password.normalize('NFC')) <= 1024, {
        error: 'expected at most 1024 bytes',
      })
      .optional()
      .describe(
        'The initial password; it does not change the password of an account that is there. Also env:NAME or file:PATH.',
      ),
    enabled: z
      .boolean()
      .optional()
      .describe('Whether the person may sign in; default: true for a new account.'),
    clients: z
      .array(z.string())
      .default([])
      .describe('Clients that the user is assigned to (user_access "assigned").'),
    claims: claimsSchema.default({}),
  })
  .describe('A user.')

export type UserConfig = z.output<typeof userSchema>
