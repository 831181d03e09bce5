import type { BrowserContext, Page } from 'playwright-core'
import { type Consent, consent, signIn } from './hosted-pages.ts'
import type { Person, Product } from './product.ts'

export async function openDemo(context: BrowserContext, { spa }: Product): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${spa}/`)
  await page.locator('#session .card:not([hidden])').waitFor()
  return page
}

/** From the demo's button through sign-in and consent, until the demo shows the session. */
export async function signInToDemo(page: Page, person: Person, answers: Consent = {}): Promise<Run> {
  await page.click('#sign-in')
  await signIn(page, person)
  await consent(page, answers)
  return lastRun(page)
}

/** A run of the demo's diagram when it is over: its steps in order, and how it ended. */
export interface Run {
  readonly title: string
  readonly outcome: string
  readonly text: string
  readonly steps: readonly Step[]
  /** The error, as the demo explains it. */
  readonly problem: Problem | undefined
}

export interface Step {
  readonly title: string
  readonly value: string
}

export interface Problem {
  readonly codes: readonly string[]
  readonly text: string
  readonly received: string
  readonly expected: string
  readonly fix: string
  readonly link: string
}

export async function lastRun(page: Page): Promise<Run> {
  await page.locator('#runs > .run:first-child:not([data-outcome="running"])').waitFor({ state: 'attached' })
  await page.locator('body:not([data-busy])').waitFor()
  return page.evaluate(READ)
}

const READ = `(() => {
  const run = document.querySelector('#runs > .run')
  const text = (root, selector) => root?.querySelector(selector)?.textContent ?? ''
  const problem = run.querySelector('.run-end .problem')
  return {
    title: text(run, 'h3'),
    outcome: run.dataset.outcome,
    text: text(run, '.outcome-text'),
    steps: [...run.querySelectorAll('.step')].map((step) => ({ title: text(step, '.step-title'), value: text(step, '.step-value') })),
    problem: problem
      ? {
          codes: [...problem.querySelectorAll('.problem-code code')].map((code) => code.textContent),
          text: text(problem, '.problem-text'),
          received: text(problem, '.received dd'),
          expected: text(problem, '.expected dd'),
          fix: text(problem, '.fix'),
          link: problem.querySelector('.problem-links a')?.href ?? '',
        }
      : undefined,
  }
})()`
