interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

/** The cookies of one host, as much of RFC 6265 as one sign-in on our own pages takes. */
export class CookieJar {
  #cookies: readonly Cookie[] = []

  /** Takes what an answer sets, and forgets what it takes back. */
  take(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const mark = pair.indexOf('=')
      if (mark < 1) continue
      const cookie = {
        name: pair.slice(0, mark).trim(),
        value: pair.slice(mark + 1).trim(),
        path: attribute(attributes, 'path') ?? '/',
      }
      const others = this.#cookies.filter(({ name, path }) => name !== cookie.name || path !== cookie.path)
      const isGone = attribute(attributes, 'max-age') === '0' || cookie.value === ''
      this.#cookies = isGone ? others : [...others, cookie]
    }
  }

  /** The `Cookie` header for a URL; empty where there is none. */
  header(url: string): string {
    const { pathname } = new URL(url)
    return this.#cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }
}

function attribute(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((text) => text.trim().toLowerCase().startsWith(`${name}=`))
  return found?.slice(found.indexOf('=') + 1).trim()
}
