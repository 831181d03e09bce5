import type { AuthSnapshot } from '@pixy/browser'
import { h } from './dom.ts'
import type { Experiment } from './experiment.ts'
import { groups } from './experiments.ts'
import { recall } from './known.ts'

/** The buttons that break things. Those that need a session say so until there is one. */
export function createExperimentList(
  container: HTMLElement,
  run: (experiment: Experiment) => void,
): (snapshot: AuthSnapshot) => void {
  const entries = groups.flatMap(({ experiments }) =>
    experiments.map((experiment) => renderEntry(experiment, run)),
  )
  let next = 0
  for (const { title, experiments } of groups) {
    const own = entries.slice(next, next + experiments.length)
    next += experiments.length
    container.append(
      h('h3', {}, title),
      h(
        'ul',
        { class: 'experiment-list' },
        own.map(({ element }) => element),
      ),
    )
  }
  return (snapshot) => {
    for (const { experiment, button, needs } of entries) {
      const missing = whatIsMissing(experiment, snapshot)
      button.disabled = missing !== undefined
      needs.textContent = missing ?? ''
    }
  }
}

function renderEntry(experiment: Experiment, run: (experiment: Experiment) => void) {
  const needs = h('span', { class: 'needs' })
  const button = h(
    'button',
    { type: 'button', class: 'experiment', id: `break-${experiment.id}`, onclick: () => run(experiment) },
    h('span', { class: 'experiment-title' }, experiment.title),
    h('span', { class: 'experiment-change' }, experiment.change),
    needs,
  )
  return { experiment, button, needs, element: h('li', {}, button) }
}

function whatIsMissing({ needs }: Experiment, { status }: AuthSnapshot): string | undefined {
  if (needs === 'nothing') return undefined
  if (status !== 'signed-in') return 'Sign in first'
  return needs === 'refresh token' && recall().refreshToken === undefined ? 'Needs offline_access' : undefined
}
