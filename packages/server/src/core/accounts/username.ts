const MAX_LENGTH = 320

/**
 * The form under which a username is stored, found and throttled: NFKC, trimmed, lower case. One account has one
 * bucket, however the name is spelled. Empty where it cannot be a username.
 */
export function usernameKey(username: string): string {
  if (username.length > MAX_LENGTH) return ''
  const key = username.normalize('NFKC').trim().toLowerCase()
  return hasControlCharacter(key) || key.length > MAX_LENGTH ? '' : key
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
