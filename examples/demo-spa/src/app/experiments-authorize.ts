import type { Experiment } from './experiment.ts'

export const authorizeExperiments: readonly Experiment[] = [
  {
    id: 'no-pkce',
    title: 'No PKCE at all',
    change: 'Leave out the challenge',
    lesson:
      'RFC 9700 §2.1.1: a public app must use PKCE. Without it, whoever gets hold of the code can redeem it; so Pixy refuses before anybody signs in.',
    needs: 'nothing',
    repair: 'Send the code_challenge of a fresh verifier, and code_challenge_method=S256.',
    authorize(parameters) {
      parameters.delete('code_challenge')
      parameters.delete('code_challenge_method')
    },
  },
  {
    id: 'plain-method',
    title: 'Method plain',
    change: 'Send the verifier itself as the challenge',
    lesson:
      'RFC 7636 §4.2 knew "plain", and RFC 9700 advises against it: the secret would stand in the address bar, the history and logs.',
    needs: 'nothing',
    repair: 'Send BASE64URL(SHA-256(verifier)) as the code_challenge, and code_challenge_method=S256.',
    authorize(parameters, verifier) {
      parameters.set('code_challenge', verifier)
      parameters.set('code_challenge_method', 'plain')
    },
  },
  {
    id: 'hex-challenge',
    title: 'Challenge in hex',
    change: 'Write the hash in hex instead of base64url',
    lesson:
      'RFC 7636 §4.2 wants BASE64URL of the 32 hash bytes: 43 characters. A hex digest has 64, a common mistake that some servers quietly live with.',
    needs: 'nothing',
    repair: 'Encode the 32 bytes of the hash themselves in base64url, not their hex digits.',
    authorize(parameters) {
      parameters.set('code_challenge', toHex(parameters.get('code_challenge') ?? ''))
    },
  },
  {
    id: 'redirect-uri',
    title: 'Unregistered redirect URI',
    change: 'Ask for the answer at another address',
    lesson:
      'RFC 9700 §4.1: redirect URIs are compared character for character. Pixy must not redirect there, not even with an error: it shows a page of its own. Come back with the Back button.',
    needs: 'nothing',
    staysAtPixy: true,
    authorize(parameters) {
      parameters.set('redirect_uri', `${parameters.get('redirect_uri')}/evil`)
    },
  },
  {
    id: 'wrong-state',
    title: 'Somebody else’s state',
    change: 'Change state in the callback',
    lesson:
      'RFC 6749 §10.12: an attacker could lead you to a callback with a code of theirs and sign you in as them. The app notices: no login of this tab has that state.',
    needs: 'nothing',
    callback(parameters) {
      parameters.set('state', 'somebody-elses-state')
    },
  },
  {
    id: 'wrong-issuer',
    title: 'Answer of another server',
    change: 'Change iss in the callback',
    lesson:
      'RFC 9207: if an app knows several servers, a bad one could pass its answer off as another’s and get that one’s code. The app compares iss and stops.',
    needs: 'nothing',
    callback(parameters) {
      parameters.set('iss', 'https://other-server.example')
    },
  },
  {
    id: 'wrong-nonce',
    title: 'ID token of another login',
    change: 'Ask with another nonce than the one kept',
    lesson:
      'OIDC Core §3.1.3.7: Pixy signs the nonce it was given into the ID token. It is not the one this tab remembers, so the token belongs to another login.',
    needs: 'nothing',
    authorize(parameters) {
      parameters.set('nonce', 'nonce-of-another-login')
    },
  },
]

function toHex(base64url: string): string {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(binary, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
