import { Failure } from '../failure.ts'
import { CookieJar } from './cookies.ts'
import { alertText, definitions, findForm, type HtmlForm, pageName, textOfElement } from './html.ts'
import { type Answer, type Http, requestLine } from './http.ts'

export interface RobotOptions {
  readonly http: Http
  readonly authorizationUrl: string
  readonly redirectUri: string
  readonly username: string
  readonly password: string
}

const MOST_STEPS = 15

/**
 * Signs in without a browser: goes through the hosted pages as a person would, by their forms, and comes back with the
 * authorization response. The pages work without JavaScript, so this is a test of them too.
 *
 * Security: name and password go to the origin of the authorization endpoint only.
 */
export async function signInByForms(options: RobotOptions): Promise<URLSearchParams> {
  return new Robot(options).run()
}

class Robot {
  readonly #options: RobotOptions
  readonly #origin: string
  readonly #cookies = new CookieJar()
  #flow: string | undefined
  #hasSignedIn = false

  constructor(options: RobotOptions) {
    this.#options = options
    this.#origin = new URL(options.authorizationUrl).origin
  }

  async run(): Promise<URLSearchParams> {
    const { authorizationUrl, redirectUri } = this.#options
    let answer = await this.#send('authorize', authorizationUrl)
    for (let step = 0; step < MOST_STEPS; step++) {
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null
      if (location === null) {
        answer = await this.#submit(answer)
        continue
      }
      const target = new URL(location, answer.url)
      if (target.href.split('?', 1)[0] === redirectUri) return target.searchParams
      answer = await this.#send('page', this.#sameOrigin(target).href)
    }
    throw this.#failure('sign_in_endless', 'The sign-in does not come to an end.')
  }

  async #submit(answer: Answer): Promise<Answer> {
    const login = findForm(answer.body, 'login-form')
    if (login) return this.#signIn(answer, login)
    const consent = findForm(answer.body, 'consent-form')
    if (consent) return this.#consent(answer, consent)
    throw this.#refusal(answer)
  }

  async #signIn(answer: Answer, form: HtmlForm): Promise<Answer> {
    if (this.#hasSignedIn) throw this.#wrongCredentials(answer)
    this.#hasSignedIn = true
    const { username, password } = this.#options
    const fields = hidden(form)
    fields.set('username', username)
    fields.set('password', password)
    return this.#post('sign in', answer, form, fields)
  }

  async #consent(answer: Answer, form: HtmlForm): Promise<Answer> {
    const fields = hidden(form)
    for (const { type, name, value, disabled } of form.inputs) {
      if (type === 'checkbox' && !disabled) fields.append(name, value)
    }
    fields.set('action', 'allow')
    return this.#post('consent', answer, form, fields)
  }

  async #post(step: string, page: Answer, { action }: HtmlForm, body: URLSearchParams): Promise<Answer> {
    const url = this.#sameOrigin(new URL(action, page.url)).href
    return this.#send(step, url, { method: 'POST', body, headers: { origin: this.#origin } })
  }

  async #send(step: string, url: string, init: RequestInit = {}): Promise<Answer> {
    const cookie = this.#cookies.header(url)
    const headers = {
      accept: 'text/html',
      'accept-language': 'en',
      ...(cookie === '' ? {} : { cookie }),
      ...init.headers,
    }
    const answer = await this.#options.http.send(step, url, { ...init, headers })
    this.#cookies.take(answer.headers)
    this.#flow = new URL(url).searchParams.get('flow') ?? this.#flow
    return answer
  }

  #sameOrigin(url: URL): URL {
    if (url.origin === this.#origin) return url
    throw this.#failure(
      'redirect_foreign',
      'The sign-in leads to another site, which is not followed from here.',
      {
        received: url.origin,
        expected: `${this.#origin}, or ${this.#options.redirectUri}`,
        fix: 'Sign in with a browser: leave --headless out.',
      },
    )
  }

  #wrongCredentials({ body, status }: Answer): Failure {
    const message = alertText(body) ?? 'The sign-in was refused.'
    const reason = status === 429 ? 'sign_in_throttled' : 'sign_in_failed'
    return this.#failure(reason, message, {
      error: 'access_denied',
      fix:
        status === 429
          ? 'Wait as long as it says.'
          : 'Check username and password, or set a new one: pixy user reset-password NAME',
    })
  }

  /** The error page says the same as every error of ours, in a list. */
  #refusal({ body }: Answer): Failure {
    const code = textOfElement(body, 'error-code')
    if (code === undefined) {
      const page = pageName(body) ?? 'something else'
      return this.#failure('page_unknown', `A page came that a program cannot answer: ${page}.`, {
        fix: 'Sign in with a browser: leave --headless out.',
      })
    }
    const facts = definitions(body)
    this.#flow = textOfElement(body, 'error-reference') ?? this.#flow
    return this.#failure(facts.get('reason') ?? code, textOfElement(body, 'error-description') ?? code, {
      error: code,
      received: facts.get('received'),
      expected: facts.get('expected'),
      fix: facts.get('how to fix it'),
    })
  }

  #failure(reason: string, message: string, detail: ConstructorParameters<typeof Failure>[2] = {}): Failure {
    return new Failure(reason, message, {
      request: requestLine(this.#options.http.sent.at(-1)),
      flow: this.#flow,
      ...detail,
    })
  }
}

function hidden(form: HtmlForm): URLSearchParams {
  const fields = form.inputs.filter(({ type, name }) => type === 'hidden' && name !== '')
  return new URLSearchParams(fields.map(({ name, value }) => [name, value]))
}
