const MAX_LENGTH = 2048
const MAX_VALUES = 20

/**
 * `acr_values` (OIDC Core §3.1.2.1): the authentication context classes a client prefers, best first, each
 * once. They are voluntary, so what exceeds 2048 characters or 20 values is dropped instead of refused.
 */
export function parseAcrValues(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const values = new Set<string>()
  for (const value of text.slice(0, MAX_LENGTH).split(' ')) {
    if (value !== '' && values.size < MAX_VALUES) values.add(value)
  }
  return [...values]
}
