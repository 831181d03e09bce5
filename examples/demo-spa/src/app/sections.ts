import { h } from './dom.ts'
import type { Check, Field, Problem, Section } from './model.ts'

/** What a step shows when it is opened. */
export function renderSection(section: Section): HTMLElement {
  switch (section.kind) {
    case 'text':
      return h('p', {}, section.text)
    case 'fields':
      return labelled(section.label, fieldList(section.fields))
    case 'json':
      return labelled(section.label, json(section.value))
    case 'token':
      return labelled(section.label, ...token(section.token))
    case 'checks':
      return labelled(section.label, h('ul', { class: 'checks' }, section.checks.map(check)))
    case 'problem':
      return renderProblem(section.problem)
  }
}

/** An error as the servers tell it: the rule, what came, what should have come, and what to do. */
export function renderProblem(problem: Problem): HTMLElement {
  const { code, description, reason, received, expected, fix, docUrl, flowId } = problem
  return h(
    'div',
    { class: 'problem' },
    h(
      'p',
      { class: 'problem-code' },
      h('code', {}, code),
      reason !== undefined && reason !== code && h('code', { class: 'reason' }, reason),
    ),
    description !== '' && h('p', { class: 'problem-text' }, description),
    (received ?? expected) !== undefined &&
      h(
        'dl',
        { class: 'compare' },
        h('div', { class: 'received' }, h('dt', {}, 'Received'), h('dd', {}, received ?? '(nothing)')),
        expected !== undefined &&
          h('div', { class: 'expected' }, h('dt', {}, 'Expected'), h('dd', {}, expected)),
      ),
    fix !== undefined && h('p', { class: 'fix' }, h('strong', {}, 'What to do '), fix),
    (docUrl ?? flowId) !== undefined &&
      h(
        'p',
        { class: 'problem-links' },
        docUrl !== undefined &&
          h('a', { href: docUrl, target: '_blank', rel: 'noreferrer' }, 'Read about this error'),
        flowId !== undefined && h('code', {}, `pixy explain ${flowId}`),
      ),
  )
}

function labelled(label: string, ...content: readonly HTMLElement[]): HTMLElement {
  return h('div', { class: 'section' }, h('h4', {}, label), ...content)
}

function fieldList(fields: readonly Field[]): HTMLElement {
  return h(
    'dl',
    { class: 'fields' },
    fields.map(({ name, value, note }) =>
      h(
        'div',
        {},
        h('dt', {}, name),
        h('dd', {}, h('code', {}, value), note !== undefined && h('span', { class: 'note' }, note)),
      ),
    ),
  )
}

function json(value: unknown): HTMLElement {
  return h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2))
}

function check({ name, passed, received, expected }: Check): HTMLElement {
  return h(
    'li',
    { class: passed ? 'passed' : 'broken' },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, passed ? '✓' : '✗'),
    h('span', { class: 'visually-hidden' }, passed ? 'passed: ' : 'failed: '),
    h('code', {}, name),
    h('span', { class: 'note' }, passed ? received : `received ${received}, expected ${expected}`),
  )
}

/** A JWT in its three parts, and what the first two say; an opaque token as it is. */
function token(text: string): HTMLElement[] {
  const [header = '', claims = '', signature = '', ...more] = text.split('.')
  const decoded = more.length === 0 && signature !== '' ? [decode(header), decode(claims)] : []
  if (decoded.length === 0 || decoded.includes(undefined)) {
    return [
      h('pre', { tabindex: '0' }, text),
      h('p', { class: 'note' }, 'An opaque token: only the server knows what it means.'),
    ]
  }
  return [
    h(
      'pre',
      { class: 'jwt', tabindex: '0' },
      h('span', { class: 'jwt-header' }, header),
      '.',
      h('span', { class: 'jwt-claims' }, claims),
      '.',
      h('span', { class: 'jwt-signature' }, signature),
    ),
    h(
      'pre',
      { class: 'decoded', tabindex: '0' },
      h('span', { class: 'jwt-header' }, pretty(decoded[0])),
      '\n',
      h('span', { class: 'jwt-claims' }, pretty(decoded[1])),
    ),
  ]
}

/** JSON with the times made readable. */
function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /"(exp|iat|nbf|auth_time)": (\d{9,11})(,?)/g,
    (_, name: string, seconds: string, comma: string) =>
      `"${name}": ${seconds}${comma}  ← ${new Date(Number(seconds) * 1000).toLocaleTimeString()}`,
  )
}

function decode(part: string): unknown {
  try {
    const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))))
  } catch {
    return undefined
  }
}
