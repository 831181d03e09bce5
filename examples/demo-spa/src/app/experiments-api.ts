import type { Experiment } from './experiment.ts'

export const apiExperiments: readonly Experiment[] = [
  {
    id: 'refresh-replay',
    title: 'Use an old refresh token',
    change: 'Present a refresh token from two refreshes ago',
    lesson:
      'RFC 9700 §4.14.2: each refresh token is used once. An old one means that somebody has a copy, and nobody knows who is the thief: so both lose, and you sign in again. (A mere retry of the last one is forgiven for a moment.)',
    needs: 'refresh token',
    async act({ config, known, tokenRequest, changed, refresh }) {
      const { refreshToken: first = '' } = known()
      const failed = (await refresh()) ?? (await refresh())
      if (failed) return failed
      changed(
        'Present the first refresh token again',
        { refresh_token: known().refreshToken ?? '' },
        { refresh_token: first },
      )
      const problem = await tokenRequest({
        grant_type: 'refresh_token',
        client_id: config.clientId,
        refresh_token: first,
      })
      await refresh()
      return problem
    },
  },
  {
    id: 'tampered-token',
    title: 'Change the access token',
    change: 'Grant yourself another scope',
    lesson:
      'RFC 9068 §4: anybody can read a token, nobody can change it. The signature no longer fits, and the API says so.',
    needs: 'session',
    async act({ auth, apiRequest, changed }) {
      const token = await auth.getAccessToken()
      const forged = forge(token)
      changed('Grant yourself the scope notes:admin', { scope: scopeOf(token) }, { scope: scopeOf(forged) })
      return apiRequest('Call the API with the changed token', forged)
    },
  },
  {
    id: 'id-token-at-api',
    title: 'ID token at the API',
    change: 'Send the ID token instead of the access token',
    lesson:
      'RFC 9068 §4: an ID token tells the app who signed in. APIs look at typ and aud, and must refuse it.',
    needs: 'session',
    async act({ known, apiRequest, changed }) {
      const { idToken = '', accessToken = '' } = known()
      changed(
        'Send the ID token instead',
        { Authorization: `Bearer ${accessToken}` },
        { Authorization: `Bearer ${idToken}` },
      )
      return apiRequest('Call the API with the ID token', idToken)
    },
  },
  {
    id: 'too-little-scope',
    title: 'A token with too little scope',
    change: 'Ask for a token that may only say who you are',
    lesson:
      'RFC 6749 §6: an app may ask for less than was granted. RFC 6750 §3.1: the API answers insufficient_scope, and names what it needs.',
    needs: 'refresh token',
    async act({ auth, apiRequest, changed }) {
      changed('Ask for a token with the scope openid alone', {}, { scope: 'openid' })
      return apiRequest('Read notes with it', await auth.getAccessToken({ scope: 'openid' }))
    },
  },
]

function forge(token: string): string {
  const [header, claims = '', signature] = token.split('.')
  const changed = JSON.stringify({ ...decode(claims), scope: 'notes:read notes:write notes:admin' })
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(changed)))
  return [header, encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), signature].join('.')
}

function scopeOf(token: string): string {
  return String(decode(token.split('.')[1] ?? '').scope)
}

function decode(part: string): Record<string, unknown> {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
}
