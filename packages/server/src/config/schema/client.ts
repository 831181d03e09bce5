import { z } from 'zod'
import { type ClientConfig, withDefaults } from './client-defaults.ts'
import { checkClient } from './client-rules.ts'
import { clientShape, LOCALIZED } from './client-shape.ts'
import { rules } from './rule.ts'

export type { ClientConfig } from './client-defaults.ts'

/** A client as it is written: RFC 7591 metadata, language tags included, and Pixy's own members. */
export type ClientInput = z.input<z.ZodObject<typeof clientShape>> & {
  [localized: `${(typeof LOCALIZED)[number]}#${string}`]: string
}

const KNOWN = new Set(Object.keys(clientShape))
const LOCALIZED_NAME = new RegExp(`^(?:${LOCALIZED.join('|')})#[A-Za-z0-9-]{1,35}$`)

const clientObject = z
  .object(clientShape)
  .catchall(z.unknown())
  .superRefine(
    (client, context) => {
      if (typeof client !== 'object' || client === null) return
      for (const [name, value] of Object.entries(client)) {
        if (KNOWN.has(name)) continue
        const isLocalized = LOCALIZED_NAME.test(name)
        if (!isLocalized) context.addIssue({ code: 'unrecognized_keys', keys: [name], input: client })
        else if (typeof value !== 'string')
          context.addIssue({ code: 'custom', path: [name], message: 'expected a string' })
      }
    },
    { when: () => true },
  )
  .superRefine(...rules(checkClient))
  .transform(withDefaults)
  .meta({
    description: 'A client: RFC 7591 metadata and Pixy’s own members.',
    patternProperties: { [LOCALIZED_NAME.source]: { type: 'string' } },
    additionalProperties: false,
  })

/** The rules of one client; those that name scopes or sources of its workspace are the workspace's. */
// The catch-all is there for members with a language tag only, which zod's own type cannot say.
export const clientSchema = clientObject as unknown as z.ZodType<ClientConfig, ClientInput>
