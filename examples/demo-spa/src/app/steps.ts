import type { TraceEvent } from '@pixy/browser'
import type { Field, Lane, Section, Step } from './model.ts'
import { noteOn } from './parameter-notes.ts'
import { problemFrom, problemFromBody } from './problem.ts'

/** Draws one event of the SDK as a step. Checks are gathered elsewhere: several make one step. */
export function stepOf(event: Exclude<TraceEvent, { step: 'check' }>, issuer: string): Step {
  switch (event.step) {
    case 'discovery':
      return request('GET', 'Ask Pixy what it can do', event.url, {
        lesson:
          'OIDC Discovery §4: endpoints come from the server, and its issuer must be the one configured.',
        sections: [{ kind: 'json', label: 'Metadata', value: event.metadata }],
      })
    case 'verifier_created':
      return local('Make a secret: the code verifier', event.verifier, {
        lesson:
          'RFC 7636 §4.1: 32 random bytes as 43 characters, fresh for every login. It stays in this tab until the code comes back.',
      })
    case 'challenge_derived':
      return local('Hash it: the code challenge', event.challenge, {
        lesson:
          'RFC 7636 §4.2: BASE64URL(SHA-256(verifier)). The hash travels through the address bar; whoever sees it there cannot get back to the verifier.',
        sections: [fields('SHA-256', { verifier: event.verifier, challenge: event.challenge })],
      })
    case 'authorization_request':
      return request('redirect', 'Send the browser to Pixy', withoutQuery(event.url), {
        lesson: 'RFC 6749 §4.1.1: the whole page goes to Pixy, so this app never sees a password.',
        sections: [fields('Query parameters', queryOf(event.url))],
      })
    case 'authorization_response':
      return callback(event.url)
    case 'token_request':
      return request('POST', tokenTitle(event.form.grant_type), event.url, {
        lesson:
          event.form.grant_type === 'refresh_token'
            ? 'RFC 6749 §6: no page, no user. Pixy answers with a new refresh token too, and the old one is spent.'
            : 'RFC 6749 §4.1.3, RFC 7636 §4.5: the code and, for the first time, the verifier, over a direct connection.',
        sections: [fields('Form', event.form)],
      })
    case 'token_response':
      return tokenAnswer(event.status, event.body, event.milliseconds)
    case 'network_retry':
      return local('No answer arrived: ask again with the same token', undefined, {
        tone: 'changed',
        lesson: 'Pixy repeats its answer for a moment, so that a lost one does not sign anybody out.',
      })
    case 'jwks':
      return request('GET', "Fetch Pixy's public keys", event.url, {
        lesson: 'RFC 7517: whoever has these can check signatures; only Pixy can make them.',
        sections: [{ kind: 'json', label: 'Keys', value: event.keys }],
      })
    case 'signed_in':
      return local('Signed in', undefined, {
        tone: 'good',
        sections: [
          { kind: 'json', label: 'User: the verified claims', value: event.user ?? null },
          fields('Granted', { scope: event.scopes.join(' ') }),
        ],
      })
    case 'refresh_shared':
      return local('Another tab had renewed the token already', undefined, {})
    case 'api_request': {
      const lane = laneOf(event.url, issuer)
      return {
        ...request(event.method, lane === 'api' ? 'Call the API' : 'Ask Pixy about the user', event.url, {
          lesson: 'RFC 6750 §2.1: the access token goes into the Authorization header, never into a URL.',
          sections: [{ kind: 'token', label: 'Authorization: Bearer …', token: event.accessToken }],
        }),
        to: lane,
      }
    }
    case 'api_response':
      return {
        ...answer(event.status, event.milliseconds, event.status < 400 ? 'It answers' : 'It refuses'),
        from: laneOf(event.url, issuer),
        sections: event.wwwAuthenticate
          ? [fields('Header', { 'WWW-Authenticate': event.wwwAuthenticate })]
          : [],
      }
    case 'revocation':
      return request('POST', 'Have the tokens revoked', event.url, {
        lesson: 'RFC 7009: what nobody needs any more should not work any more.',
        sections: [
          fields('Form', { token: '…', token_type_hint: event.tokenTypeHint, status: String(event.status) }),
        ],
      })
    case 'logout_request':
      return request('redirect', 'Sign out at Pixy', withoutQuery(event.url), {
        lesson: "OIDC RP-Initiated Logout §2: this ends the browser's session at Pixy, not only this app's.",
        sections: [fields('Query parameters', queryOf(event.url))],
      })
    case 'signed_out':
      return local(event.error ? 'Signed out: the session is over' : 'Forget the tokens', undefined, {
        tone: event.error ? 'bad' : 'plain',
      })
  }
}

/** What an experiment did to a message. */
export function sabotage(title: string, before: Field[], after: Field[]): Step {
  const [first] = after
  return local(title, first && `${first.name}: ${first.value}`, {
    tone: 'changed',
    sections: [
      ...(before.length > 0 ? [{ kind: 'fields', label: 'Instead of', fields: before } as const] : []),
      { kind: 'fields', label: 'This leaves the browser', fields: after },
    ],
  })
}

type Extras = Partial<Pick<Step, 'lesson' | 'sections' | 'tone'>>

function local(title: string, value: string | undefined, extras: Extras): Step {
  return { from: 'app', to: 'app', label: '', title, value, tone: 'plain', sections: [], ...extras }
}

function request(label: string, title: string, url: string, extras: Extras): Step {
  return { from: 'app', to: 'pixy', label, title, value: url, tone: 'plain', sections: [], ...extras }
}

function answer(status: number, milliseconds: number, title: string): Step {
  const tone = status < 400 ? 'good' : 'bad'
  const value = `${status} after ${Math.round(milliseconds)} ms`
  return { from: 'pixy', to: 'app', label: String(status), title, value, tone, sections: [] }
}

function callback(url: string): Step {
  const parameters = queryOf(url)
  const problem = problemFrom((name) => parameters[name])
  const sections: Section[] = [fields('Query parameters', parameters)]
  return {
    from: 'pixy',
    to: 'app',
    label: problem ? 'error' : 'code',
    title: problem ? 'Pixy says no' : 'Pixy sends the browser back with a code',
    value: problem?.code ?? parameters.code,
    tone: problem ? 'bad' : 'plain',
    lesson:
      'RFC 6749 §4.1.2: a code in the address bar is worthless without the verifier, and only once worth anything.',
    sections: problem ? [{ kind: 'problem', problem }, ...sections] : sections,
  }
}

function tokenAnswer(status: number, body: unknown, milliseconds: number): Step {
  const problem = problemFromBody(body)
  const step = answer(
    status,
    milliseconds,
    problem ? `Pixy refuses: ${problem.code}` : 'Pixy hands out tokens',
  )
  const members = typeof body === 'object' && body ? (body as Readonly<Record<string, unknown>>) : {}
  const tokens = TOKENS.flatMap(([name, label]): Section[] => {
    const token = members[name]
    return typeof token === 'string' ? [{ kind: 'token', label, token }] : []
  })
  const shown = Object.fromEntries(
    TOKENS.filter(([name]) => name in members).map(([name]) => [name, '… as above']),
  )
  return {
    ...step,
    lesson: problem
      ? undefined
      : 'RFC 6749 §5.1. The scope here is what was granted: it may be less than was asked for.',
    sections: [
      ...(problem ? [{ kind: 'problem', problem } as const] : tokens),
      { kind: 'json', label: 'Body', value: { ...members, ...shown } },
    ],
  }
}

const TOKENS = [
  ['access_token', 'Access token, for the API'],
  ['id_token', 'ID token, for this app'],
] as const

function tokenTitle(grantType: string | undefined): string {
  return grantType === 'refresh_token' ? 'Ask for new tokens with the refresh token' : 'Redeem the code'
}

export function fields(label: string, values: Readonly<Record<string, string>>): Section {
  return { kind: 'fields', label, fields: fieldsOf(values) }
}

export function fieldsOf(values: Readonly<Record<string, string>>): Field[] {
  return Object.entries(values).map(([name, value]) => ({ name, value, note: noteOn(name) }))
}

function queryOf(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams)
}

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}

function laneOf(url: string, issuer: string): Lane {
  return new URL(url).origin === new URL(issuer).origin ? 'pixy' : 'api'
}
