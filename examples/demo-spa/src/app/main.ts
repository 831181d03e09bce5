import { createAuthClient } from '@pixy/browser'
import { createActions } from './actions.ts'
import { type Config, loadConfig } from './config.ts'
import { createDiagram } from './diagram.ts'
import { byId, h } from './dom.ts'
import { createExperimentList } from './experiment-list.ts'
import { createNarrator } from './narrator.ts'
import { createRecorder } from './recorder.ts'
import { createSaboteur } from './saboteur.ts'
import { createSessionPanel } from './session-panel.ts'
import { createTools } from './tools.ts'

async function start(config: Config): Promise<void> {
  const recorder = createRecorder()
  const saboteur = createSaboteur(config)
  const narrate = createNarrator(recorder, saboteur, config.issuer)
  const auth = createAuthClient({
    issuer: config.issuer,
    clientId: config.clientId,
    redirectUri: config.redirectUri,
    postLogoutRedirectUri: config.postLogoutRedirectUri,
    audience: config.api,
    scope: config.scope,
    apiOrigins: [config.api, config.issuer].map((url) => new URL(url).origin),
    platform: saboteur.platform,
    onTrace: narrate,
  })
  const tools = createTools(auth, config, recorder, narrate)
  const actions = createActions({ auth, config, recorder, saboteur, tools, showWait })

  let busy = false
  const perform = (action: () => Promise<unknown>) => () => {
    if (busy) return
    setBusy(true)
    void action().finally(() => {
      showSession() // what userinfo said about the person is no news to the SDK
      setBusy(false)
    })
  }
  const setBusy = (value: boolean): void => {
    busy = value
    document.body.toggleAttribute('data-busy', value)
  }

  const panel = createSessionPanel(config, actions, perform)
  byId('session').replaceChildren(panel.element)
  const showExperiments = createExperimentList(byId('experiments'), (experiment) => {
    perform(() => actions.run(experiment))()
    byId('flows-title').scrollIntoView({ block: 'start' })
  })
  const draw = createDiagram(byId('runs'), (text) => {
    byId('announcer').textContent = text
  })

  const showSession = (): void => {
    panel.show(auth.getSnapshot())
    showExperiments(auth.getSnapshot())
  }
  const showRuns = (): void => {
    draw(recorder.runs())
    byId('clear').hidden = recorder.runs().length === 0
  }
  auth.subscribe(showSession)
  recorder.onChange(showRuns)
  byId('clear').addEventListener('click', () => recorder.clear())
  // Back from Pixy may bring this page from the browser's cache, as it was when it was left.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    recorder.reload()
    actions.resume()
  })
  setInterval(() => panel.tick(Date.now()), 1000)
  showSession()
  showRuns()

  if (location.pathname === new URL(config.redirectUri).pathname) perform(actions.finishSignIn)()
  else actions.resume()
}

function showWait(seconds: number | null): void {
  byId('announcer').classList.toggle('visually-hidden', seconds === null)
  byId('announcer').textContent = seconds === null ? '' : `Waiting ${seconds} s, so that the code expires …`
}

loadConfig()
  .then(start)
  .catch((error: unknown) => {
    byId('session').replaceChildren(
      h('p', { class: 'notice', role: 'alert' }, `This demo cannot start: ${String(error)}`),
    )
  })
