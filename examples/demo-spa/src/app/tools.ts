import type { AuthClient, TraceListener } from '@pixy/browser'
import type { Config } from './config.ts'
import type { Tools } from './experiment.ts'
import { recall } from './known.ts'
import type { Problem } from './model.ts'
import { problemFromBody, problemFromError } from './problem.ts'
import { type Recorder, withSection } from './recorder.ts'
import { fieldsOf, sabotage } from './steps.ts'

/** Requests past the SDK, drawn as the SDK's own are. */
export function createTools(
  auth: AuthClient,
  config: Config,
  recorder: Recorder,
  narrate: TraceListener,
): Tools {
  return {
    auth,
    config,
    known: recall,

    async tokenRequest(form) {
      const { token_endpoint: url } = await auth.getMetadata()
      narrate({ step: 'token_request', url, form, at: Date.now() })
      const started = performance.now()
      const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
      const body: unknown = await response.json()
      const milliseconds = performance.now() - started
      narrate({ step: 'token_response', status: response.status, body, milliseconds, at: Date.now() })
      return problemFromBody(body)
    },

    async apiRequest(title, accessToken) {
      const url = `${config.api}/api/notes`
      narrate({ step: 'api_request', method: 'GET', url, accessToken, at: Date.now() })
      recorder.extendLast((step) => ({ ...step, title }))
      const started = performance.now()
      const response = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } })
      const wwwAuthenticate = response.headers.get('WWW-Authenticate') ?? undefined
      const { status } = response
      narrate({
        step: 'api_response',
        status,
        url,
        wwwAuthenticate,
        milliseconds: performance.now() - started,
        at: Date.now(),
      })
      return drawBody(recorder, await response.json())
    },

    async refresh() {
      try {
        await auth.getAccessToken({ minTtl: Number.MAX_SAFE_INTEGER })
        return undefined
      } catch (error) {
        return problemFromError(error)
      }
    },

    changed(title, before, after) {
      recorder.add(sabotage(title, fieldsOf(before), fieldsOf(after)))
    },
  }
}

/** Adds an answer's body to its step, as a problem where it is one. */
export function drawBody(recorder: Recorder, body: unknown): Problem | undefined {
  const problem = problemFromBody(body)
  recorder.extendLast((step) => {
    const shown = withSection(step, { kind: 'json', label: 'Body', value: body })
    return problem
      ? {
          ...shown,
          title: `It refuses: ${problem.code}`,
          sections: [{ kind: 'problem', problem }, ...shown.sections],
        }
      : shown
  })
  return problem
}
