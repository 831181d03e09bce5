import type { AuthSnapshot } from '@pixy/browser'
import type { Actions } from './actions.ts'
import type { Config } from './config.ts'
import { h } from './dom.ts'
import { profileOf, recall } from './known.ts'

export interface SessionPanel {
  readonly element: HTMLElement
  show(snapshot: AuthSnapshot): void
  /** Called every second. */
  tick(now: number): void
}

type Perform = (action: () => Promise<unknown>) => () => void

/** Who is signed in, what was granted, and how long the access token still lives. */
export function createSessionPanel(config: Config, actions: Actions, perform: Perform): SessionPanel {
  const name = h('p', { class: 'user-name' })
  const detail = h('p', { class: 'user-detail' })
  const initials = h('span', { class: 'avatar', 'aria-hidden': 'true' })
  const scopes = h('ul', { class: 'scopes' })
  const clock = h('span', { class: 'clock' })
  const bar = h('div', { class: 'life-bar', 'aria-hidden': 'true' }, h('div', {}))
  const notes = createNotes(actions, perform)

  const signedOut = h(
    'section',
    { class: 'card hero', 'aria-labelledby': 'out-title' },
    h('h1', { id: 'out-title' }, 'Watch a sign-in happen'),
    h(
      'p',
      {},
      'This app uses @pixy/browser: Authorization Code with PKCE. Sign in, and each request, answer and token is drawn as it passes.',
    ),
    button('Sign in with Pixy', perform(actions.signIn), 'primary wide', 'sign-in'),
    h(
      'dl',
      { class: 'facts' },
      fact('Server', config.issuer),
      fact('Client', config.clientId),
      fact('API', config.api),
    ),
  )
  const signedIn = h(
    'section',
    { class: 'card', 'aria-labelledby': 'in-title' },
    h('h1', { id: 'in-title', class: 'visually-hidden' }, 'Your session'),
    h('div', { class: 'user' }, initials, h('div', {}, name, detail)),
    h('h2', {}, 'Granted'),
    scopes,
    h('h2', {}, 'Access token'),
    h('p', { class: 'life' }, clock),
    bar,
    h(
      'div',
      { class: 'buttons' },
      button('Refresh now', perform(actions.refresh), '', 'refresh'),
      button('Userinfo', perform(actions.userinfo), '', 'userinfo'),
      button('Sign out', perform(actions.signOut), '', 'sign-out'),
    ),
    notes.element,
  )

  let snapshot: AuthSnapshot | undefined
  const panel: SessionPanel = {
    element: h('div', { class: 'session' }, signedOut, signedIn),

    show(next) {
      snapshot = next
      signedIn.hidden = next.status !== 'signed-in'
      signedOut.hidden = next.status !== 'signed-out'
      if (next.status === 'signed-out') notes.show([])
      const user = { ...next.user, ...profileOf(next.user?.sub) }
      const label = String(user.name ?? user.preferred_username ?? user.email ?? user.sub ?? 'Signed in')
      name.textContent = label
      detail.textContent = [user.email, user.sub]
        .filter((text) => text !== undefined && text !== label)
        .join(' · ')
      initials.textContent = label.slice(0, 1).toUpperCase()
      scopes.replaceChildren(...scopeItems(config.scope, next.scopes))
      panel.tick(Date.now())
    },

    tick(now) {
      const left = Math.max(0, Math.round((snapshot?.expiresAt ?? 0) - now / 1000))
      const whole = recall().lifetime ?? 600
      clock.textContent = left > 0 ? `${duration(left)} left` : 'has ended; the next call renews it'
      bar.style.setProperty('--left', `${Math.min(100, (100 * left) / whole)}%`)
      bar.classList.toggle('low', left < 60)
    },
  }
  return panel
}

function scopeItems(asked: string, granted: readonly string[]): HTMLElement[] {
  const all = new Set([...granted, ...asked.split(' ')])
  return [...all].map((scope) =>
    granted.includes(scope)
      ? h('li', {}, scope)
      : h(
          'li',
          { class: 'refused' },
          h('s', {}, scope),
          h('span', { class: 'visually-hidden' }, ' (asked for, not granted)'),
        ),
  )
}

function createNotes(
  actions: Actions,
  perform: Perform,
): { readonly element: HTMLElement; show(texts: readonly string[]): void } {
  const list = h('ul', { class: 'notes' })
  const input = h('input', {
    id: 'note',
    name: 'note',
    maxlength: '280',
    autocomplete: 'off',
    required: true,
  })
  const show = (texts: readonly string[] | undefined): void => {
    if (texts) list.replaceChildren(...texts.map((text) => h('li', {}, text)))
  }
  const answering = (ask: () => Promise<readonly string[] | undefined>) =>
    perform(async () => show(await ask()))
  const add = perform(async () => {
    const texts = await actions.addNote(input.value)
    if (texts) input.value = ''
    show(texts)
  })
  const submit = (event: Event): void => {
    event.preventDefault()
    add()
  }
  const element = h(
    'div',
    { class: 'notes-box' },
    h('h2', {}, 'Notes, kept by the API'),
    list,
    h(
      'form',
      { onsubmit: submit },
      h('label', { for: 'note' }, 'New note'),
      h('div', { class: 'row' }, input, h('button', { type: 'submit', id: 'add-note' }, 'Add')),
    ),
    h(
      'div',
      { class: 'pair' },
      button('Read notes', answering(actions.readNotes), '', 'read-notes'),
      button('Delete all', answering(actions.deleteNotes), '', 'delete-notes'),
    ),
  )
  return { element, show }
}

function button(text: string, onclick: () => void, kind: string, id: string): HTMLButtonElement {
  return h('button', { type: 'button', class: kind, id, onclick }, text)
}

function fact(name: string, value: string): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, h('code', {}, value)))
}

function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
