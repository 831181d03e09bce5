import type { TraceEvent, TraceListener } from '@pixy/browser'
import { remember } from './known.ts'
import type { Check, Step } from './model.ts'
import type { Recorder } from './recorder.ts'
import type { Saboteur } from './saboteur.ts'
import { sabotage, stepOf } from './steps.ts'

const LESSONS: Readonly<Record<string, string>> = {
  state:
    'RFC 6749 §10.12: the answer must belong to a login that this tab began, or it may be somebody else’s.',
  iss: 'RFC 9207: with several servers, an answer of one must not pass as an answer of another.',
  id_token:
    'OIDC Core §3.1.3.7: signature, issuer, audience, times, nonce, and the hash of the access token.',
}

/** Turns what the SDK reports into steps of the current run, in the order in which they leave the browser. */
export function createNarrator(recorder: Recorder, saboteur: Saboteur, issuer: string): TraceListener {
  /** The first check of an ID token, held back: the keys may have to be fetched before the second. */
  let held: Check[] = []

  function addCheck({ name, passed, received, expected }: TraceEvent & { step: 'check' }): void {
    const [subject, ...rule] = name.split('.')
    const check = { name: rule.join('.') || name, passed, received: show(received), expected: show(expected) }
    if (subject !== 'id_token') {
      recorder.add(checkStep(`Check ${name}`, name, [check]))
    } else if (name === 'id_token.alg' && passed) {
      held = [check]
    } else if (name === 'id_token.alg' || name === 'id_token.signature') {
      recorder.add(checkStep(ID_TOKEN_TITLE, 'id_token', [...held, check]))
    } else {
      recorder.extendLast((step) => checkStep(ID_TOKEN_TITLE, 'id_token', [...checksOf(step), check]))
    }
  }

  return (event) => {
    remember(event)
    if (event.step === 'check') addCheck(event)
    else for (const step of draw(event, saboteur, issuer)) recorder.add(step)
  }
}

const ID_TOKEN_TITLE = 'Verify the ID token'

function checksOf({ sections }: Step): readonly Check[] {
  return sections.flatMap((section) => (section.kind === 'checks' ? section.checks : []))
}

/** A message that an experiment changes is drawn as it leaves, after a step that says what was changed. */
function draw(event: Exclude<TraceEvent, { step: 'check' }>, saboteur: Saboteur, issuer: string): Step[] {
  if (event.step === 'authorization_request') {
    const change = saboteur.changeUrl(event.url)
    if (change)
      return [
        sabotage(change.title, change.before, change.after),
        stepOf({ ...event, url: change.url }, issuer),
      ]
  }
  if (event.step === 'token_request') {
    const change = saboteur.changeForm(event.form)
    if (change)
      return [
        sabotage(change.title, change.before, change.after),
        stepOf({ ...event, form: change.form }, issuer),
      ]
  }
  return [stepOf(event, issuer)]
}

function checkStep(title: string, name: string, checks: readonly Check[]): Step {
  const broken = checks.find(({ passed }) => !passed)
  return {
    from: 'app',
    to: 'app',
    label: '',
    title: broken ? `${title}: ${broken.name} is wrong` : title,
    value: broken ? undefined : checks.length === 1 ? 'as it should be' : `${checks.length} checks passed`,
    tone: broken ? 'bad' : 'good',
    lesson: LESSONS[name],
    sections: [{ kind: 'checks', label: 'Checks', checks }],
  }
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? '(none)'
      : JSON.stringify(value)
}
