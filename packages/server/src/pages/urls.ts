/** Pages link to what clients and configuration name; a link with any other scheme than these could run script. */
const LINKABLE: ReadonlySet<string> = new Set(['https:', 'http:'])

/** An absolute http(s) URL, or null. */
export function webUrl(text: string | null | undefined): string | null {
  const url = text ? URL.parse(text) : null
  return url && LINKABLE.has(url.protocol) ? url.href : null
}

/** An absolute http(s) URL or a path on this server, or null. */
export function webUrlOrPath(text: string | null | undefined): string | null {
  return text && isLocalPath(text) ? text : webUrl(text)
}

/** Where people ask for help: a page or a mail address. */
export function supportUrl(text: string | undefined): string | null {
  return text && /^mailto:[^\s"<>]+$/i.test(text) ? text : webUrl(text)
}

/** An image that `img-src 'self' data:` lets the browser load, or null: logos of others are never hot-linked. */
export function imageUrl(text: string | null | undefined, issuer: string): string | null {
  if (!text) return null
  if (/^data:image\/[a-z0-9.+-]+[;,]/i.test(text) || isLocalPath(text)) return text
  const url = URL.parse(text)
  return url && url.origin === URL.parse(issuer)?.origin ? url.href : null
}

/** `url` with `ui_locales` set, everything else as it was. */
export function withLocale(url: string, locale: string): string {
  const [path = '', query = ''] = url
    .split('#', 1)
    .join('')
    .split(/\?(.*)/s, 2)
  const others = query.split('&').filter((pair) => pair !== '' && !pair.startsWith('ui_locales='))
  return `${path}?${[...others, `ui_locales=${locale}`].join('&')}`
}

/** `//host` and `/\host` are another site to browsers. */
function isLocalPath(text: string): boolean {
  return /^\/(?![/\\])/.test(text)
}
