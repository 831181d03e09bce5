import { createClient } from './client.js'

const client = createClient({ ...(await (await fetch('/config.json')).json()) })
const output = document.querySelector('#output')
const isFramed = window.parent !== window

const show = (title, value) => {
  output.textContent = `${title}\n${JSON.stringify(value, null, 2) ?? ''}`
}

/** Runs one call and shows what came of it. */
function act(title, call) {
  return async () => {
    try {
      show(title, await call())
    } catch (error) {
      show(`${title}: ${error.error ?? error.name}`, error.detail ?? error.message)
    }
  }
}

const calls = {
  authorize: () => client.authorize(),
  silentAuthentication: () => client.silentAuthentication(),
  userInfo: () => client.userInfo(),
  tokenExchange: () => client.tokenExchange({ subjectToken: client.getAccessToken(), scope: ['openid'] }),
  revokeAuth: () => client.revokeAuth(),
  logout: () => client.logout(),
}
for (const [name, call] of Object.entries(calls))
  document.querySelector(`#${name}`).addEventListener('click', act(name, call))

await act('getAuth', () => client.getAuth({ silent: isFramed }))()
if (!isFramed && window.location.pathname !== '/') history.replaceState(null, '', '/')
