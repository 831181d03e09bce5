/** Parameters of an address as a server in another language would read them: each pair decoded by hand, once. */
export function parseQueryOf(address: string): Record<string, string> {
  const query = address.slice(address.indexOf('?') + 1)
  return Object.fromEntries(
    query.split('&').map((pair) => {
      const equals = pair.indexOf('=')
      return [decodeURIComponent(pair.slice(0, equals)), decodeURIComponent(pair.slice(equals + 1))]
    }),
  )
}
