import type { Platform } from '@pixy/browser'
import type { Config } from './config.ts'
import { prefersStillness } from './dom.ts'
import type { Experiment } from './experiment.ts'
import { recall } from './known.ts'
import type { Field } from './model.ts'
import { fieldsOf } from './steps.ts'

interface Change {
  readonly title: string
  readonly before: Field[]
  readonly after: Field[]
}

/**
 * Sits between the SDK and the browser and spoils one message, so that the SDK itself stays as it ships. Without an
 * experiment it changes nothing.
 */
export interface Saboteur {
  readonly platform: Partial<Platform>
  arm(experiment: Experiment | undefined): void
  changeUrl(url: string): (Change & { readonly url: string }) | undefined
  changeForm(
    form: Readonly<Record<string, string>>,
  ): (Change & { readonly form: Record<string, string> }) | undefined
}

/** Long enough to see the last step drawn before the page is gone. */
const PAUSE_MS = 650

export function createSaboteur(config: Config): Saboteur {
  let armed: Experiment | undefined

  const saboteur: Saboteur = {
    arm(experiment) {
      armed = experiment
    },

    changeUrl(url) {
      if (!armed?.authorize) return undefined
      const changed = new URL(url)
      armed.authorize(changed.searchParams, recall().verifier ?? '')
      return { ...describe(armed, new URL(url).searchParams, changed.searchParams), url: changed.href }
    },

    changeForm(form) {
      if (!armed?.token || form.grant_type !== 'authorization_code') return undefined
      const changed = new URLSearchParams(form)
      armed.token(changed, config)
      return { ...describe(armed, new URLSearchParams(form), changed), form: Object.fromEntries(changed) }
    },

    platform: {
      location: {
        get href() {
          return location.href
        },
        assign(url) {
          const target = saboteur.changeUrl(url)?.url ?? url
          setTimeout(() => location.assign(target), prefersStillness() ? 0 : PAUSE_MS)
        },
      },
      fetch(request, init) {
        const body = init?.body
        const change =
          body instanceof URLSearchParams ? saboteur.changeForm(Object.fromEntries(body)) : undefined
        return fetch(request, change ? { ...init, body: new URLSearchParams(change.form) } : init)
      },
    },
  }
  return saboteur
}

function describe(experiment: Experiment, before: URLSearchParams, after: URLSearchParams): Change {
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].filter((name) => before.get(name) !== after.get(name))
  const pick = (from: URLSearchParams): Field[] =>
    fieldsOf(Object.fromEntries(changed.map((name) => [name, from.get(name) ?? '(nothing)'])))
  return { title: experiment.change, before: pick(before), after: pick(after) }
}
