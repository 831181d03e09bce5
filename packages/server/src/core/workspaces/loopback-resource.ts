const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:\/[^\s#]*)?$/

/** `http://localhost|127.0.0.1|[::1]`, any port and path, no fragment. */
export function matchesLoopbackResource(identifier: string): boolean {
  return identifier.length <= 1024 && LOOPBACK.test(identifier)
}
