import type { Experiment } from './experiment.ts'

const OTHER_VERIFIER = 'not-the-verifier-that-made-the-challenge-00'

export const tokenExperiments: readonly Experiment[] = [
  {
    id: 'wrong-verifier',
    title: 'Wrong verifier',
    change: 'Redeem the code with another verifier',
    lesson:
      'RFC 7636 §4.6: this is the attack that PKCE is for. The code was stolen, the verifier was not, and the hash does not fit.',
    needs: 'nothing',
    token: (form) => form.set('code_verifier', OTHER_VERIFIER),
  },
  {
    id: 'no-verifier',
    title: 'No verifier',
    change: 'Redeem the code without a verifier',
    lesson:
      'RFC 7636 §4.5: a code that was bound to a challenge cannot be had without its verifier (RFC 9700 §2.1.1).',
    needs: 'nothing',
    token: (form) => form.delete('code_verifier'),
  },
  {
    id: 'token-redirect-uri',
    title: 'Other redirect URI',
    change: 'Redeem the code with another redirect URI',
    lesson: 'RFC 6749 §4.1.3: if one is named, it must be the one that the code was sent to.',
    needs: 'nothing',
    token: (form) => form.set('redirect_uri', `${form.get('redirect_uri')}/evil`),
  },
  {
    id: 'other-client',
    title: 'In another app’s name',
    change: 'Redeem the code as another client',
    lesson:
      'RFC 6749 §4.1.3, §5.2: a code is for the client that asked for it. Another app that finds it gets nothing, though Pixy knows that app well; and the code is not spent by the attempt.',
    needs: 'nothing',
    token: (form, { otherClientId }) => form.set('client_id', otherClientId),
  },
  {
    id: 'late-code',
    title: 'Come too late',
    change: 'Keep the code until it has expired',
    lesson:
      'RFC 6749 §4.1.2: codes are short-lived. An app needs a second; what turns up later is suspicious.',
    needs: 'nothing',
    wait: ({ codeLifetime }) => codeLifetime + 3,
  },
  {
    id: 'code-replay',
    title: 'Use the code twice',
    change: 'Redeem the same code again',
    lesson:
      'RFC 6749 §4.1.2: a code is good once. Twice means that somebody has a copy, so everything it gave is taken back: the refresh at the end fails too.',
    needs: 'nothing',
    async after({ config, known, tokenRequest, changed, refresh }) {
      const { code = '', verifier = '', redirectUri = '' } = known()
      changed('Redeem the same code again', {}, { code, code_verifier: verifier })
      const problem = await tokenRequest({
        grant_type: 'authorization_code',
        client_id: config.clientId,
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      })
      await refresh()
      return problem
    },
  },
]
