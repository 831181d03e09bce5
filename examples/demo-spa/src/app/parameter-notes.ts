/** What each parameter is for, in a few words. */
const notes: Readonly<Record<string, string>> = {
  response_type: 'ask for a code, never for a token in the URL',
  client_id: 'which app is asking; public, no secret',
  redirect_uri: 'where to answer; must be registered, character for character',
  scope: 'what the app would like to do',
  resource: 'which API the access token is for (RFC 8707)',
  state: 'ties the answer to this tab (RFC 6749 §10.12)',
  nonce: 'ties the ID token to this login (OIDC Core §3.1.2.1)',
  code_challenge: 'hash of a secret that stays here (RFC 7636)',
  code_challenge_method: 'SHA-256; plain would send the secret itself',
  code: 'good for one redemption, for about a minute',
  iss: 'which server answers (RFC 9207)',
  grant_type: 'what is being exchanged for tokens',
  code_verifier: 'the secret behind the challenge',
  refresh_token: 'gets new access tokens; replaced at each use',
  error: 'what went wrong, as a code (RFC 6749 §4.1.2.1)',
  error_uri: 'a page about it',
  id_token_hint: 'who is leaving, so that nobody has to be asked',
  post_logout_redirect_uri: 'where to go afterwards; registered too',
  prompt: 'whether the user is to be asked again',
}

export function noteOn(parameter: string): string | undefined {
  return notes[parameter]
}
