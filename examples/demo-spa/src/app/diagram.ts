import { h, prefersStillness } from './dom.ts'
import { findExperiment } from './experiments.ts'
import type { Lane, Outcome, Run, Step } from './model.ts'
import { renderProblem, renderSection } from './sections.ts'

/** Steps happen within milliseconds; they are shown one after the other, so that eyes can follow. */
const PACE_MS = 140

const LANES: Readonly<Record<Lane, string>> = { app: 'App', pixy: 'Pixy', api: 'API' }

interface Drawn {
  readonly element: HTMLDetailsElement
  readonly steps: HTMLElement
  readonly end: HTMLElement
  run: Run
}

/** The sequence diagram: one block a run, newest first, that grows while the run goes on. */
export function createDiagram(
  container: HTMLElement,
  announce: (text: string) => void,
): (runs: readonly Run[]) => void {
  const drawn = new Map<string, Drawn>()
  let visibleAt = 0
  let restored = true

  /** Milliseconds until this may appear; what was there before the page loaded appears at once. */
  const delay = (): number => {
    if (restored || prefersStillness()) return 0
    visibleAt = Math.max(visibleAt + PACE_MS, performance.now())
    return visibleAt - performance.now()
  }

  function update(block: Drawn, run: Run, fresh: boolean): void {
    run.steps.forEach((step, index) => {
      const existing = block.steps.children[index]
      if (!fresh && existing && block.run.steps[index] === step) return
      const element = renderStep(step)
      element.style.setProperty('--delay', existing ? '0ms' : `${delay()}ms`)
      if (existing) block.steps.replaceChild(element, existing)
      else block.steps.append(element)
    })
    if (fresh || block.run.outcome !== run.outcome) {
      block.element.dataset.outcome = run.outcome.kind
      const end = renderOutcome(run.outcome)
      const wait = delay()
      end.style.setProperty('--delay', `${wait}ms`)
      block.end.replaceChildren(end)
      if (!restored && run.outcome.kind !== 'running') {
        setTimeout(() => {
          announce(`${run.title}: ${outcomeText(run.outcome)}`)
          if (end.querySelector('.problem')) end.scrollIntoView({ block: 'nearest', behavior: scrolling() })
        }, wait)
      }
    }
    block.run = run
  }

  return (runs) => {
    for (const [id, { element }] of drawn) {
      if (runs.some((run) => run.id === id)) continue
      element.remove()
      drawn.delete(id)
    }
    for (const run of [...runs].reverse()) {
      const known = drawn.get(run.id)
      if (known) {
        if (known.run !== run) update(known, run, false)
        continue
      }
      for (const { element } of drawn.values()) element.open = false
      const block = renderRun(run)
      drawn.set(run.id, block)
      container.prepend(block.element)
      update(block, run, true)
    }
    if (runs.length === 0) container.replaceChildren(empty())
    else container.querySelector('.empty')?.remove()
    restored = false
  }
}

function scrolling(): ScrollBehavior {
  return prefersStillness() ? 'auto' : 'smooth'
}

function renderRun(run: Run): Drawn {
  const steps = h('ol', { class: 'steps' })
  const end = h('div', { class: 'run-end' })
  const lesson = findExperiment(run.experiment)?.lesson
  const element = h(
    'details',
    { class: 'run', open: true },
    h(
      'summary',
      {},
      h('h3', {}, run.title),
      run.experiment !== undefined && h('span', { class: 'tag' }, 'experiment'),
      h('span', { class: 'badge', 'aria-hidden': 'true' }),
      h('time', {}, new Date(run.at).toLocaleTimeString()),
    ),
    lesson !== undefined && h('p', { class: 'run-lesson' }, lesson),
    h(
      'div',
      { class: 'lanes', 'aria-hidden': 'true' },
      Object.values(LANES).map((name) => h('span', {}, name)),
    ),
    steps,
    end,
  )
  return { element, steps, end, run }
}

function renderStep(step: Step): HTMLElement {
  const { from, to, label, title, value, tone, lesson, sections } = step
  const inside = from === to
  return h(
    'li',
    { class: 'step', 'data-tone': tone },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h(
          'span',
          { class: `wire ${inside ? `at-${from}` : `${from}-${to}`}`, 'aria-hidden': 'true' },
          h('span', { class: inside ? 'dot' : 'arrow' }),
          label !== '' && h('span', { class: 'wire-label' }, label),
        ),
        h(
          'span',
          { class: 'step-text' },
          h(
            'span',
            { class: 'visually-hidden' },
            inside ? `${LANES[from]}: ` : `${LANES[from]} to ${LANES[to]}: `,
          ),
          h('span', { class: 'step-title' }, title),
          value !== undefined && h('code', { class: 'step-value' }, value),
        ),
      ),
      h(
        'div',
        { class: 'step-body' },
        lesson !== undefined && h('p', { class: 'lesson' }, lesson),
        sections.map(renderSection),
        lesson === undefined &&
          sections.length === 0 &&
          h('p', { class: 'lesson' }, 'Nothing more to see here.'),
      ),
    ),
  )
}

function renderOutcome(outcome: Outcome): HTMLElement {
  if (outcome.kind === 'running') return h('p', { class: 'outcome running' }, 'Under way …')
  const problem = outcome.kind === 'done' ? undefined : outcome.problem
  return h(
    'div',
    { class: `outcome ${outcome.kind}` },
    h('p', { class: 'outcome-text' }, outcomeText(outcome)),
    problem && renderProblem(problem),
  )
}

function outcomeText(outcome: Outcome): string {
  return outcome.kind === 'running' ? 'Under way …' : outcome.text
}

function empty(): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h(
      'p',
      {},
      'Nothing yet. Sign in, and every message between this app, Pixy and the API appears here: open one to read it.',
    ),
  )
}
