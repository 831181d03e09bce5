import { configSchema } from './schema.ts'
import { jsonSchemaOf } from './zod-json-schema.ts'

/** The published JSON Schema of the configuration file. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Pixy configuration', ...jsonSchemaOf(configSchema) }
}
