import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { displayName } from '../accounts/claims.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { browserSessions, enabledUser } from '../sessions/browser-session.ts'
import { checkForm, csrfToken } from './forms.ts'
import { advance, goOn } from './interaction.ts'
import { loadInteraction } from './load-interaction.ts'
import { clientDisplay, pageReply } from './page-reply.ts'
import { pageUrl } from './page-url.ts'

const PAGE = 'select-account'

/** GET: the accounts signed in in this browser. Also reached from the consent page, to switch. */
export async function showSelectAccount(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const sessions = await browserSessions(exchange)
  if (sessions.length === 0) return goOn(exchange, interaction, [], sessions)
  const accounts = []
  for (const session of sessions) {
    const user = await enabledUser(exchange, session.userId)
    if (user)
      accounts.push({ sid: session.sid, name: displayName(user), username: user.username, expired: false })
  }
  const { record, request, client, transaction } = interaction
  const props = {
    action: pageUrl(exchange, PAGE, record.flowId),
    csrf: csrfToken(transaction, record.flowId, PAGE),
    client: clientDisplay(client),
    accounts,
  }
  return pageReply(exchange, PAGE, props, {
    formAction: redirectOrigin(request.redirectUri),
    uiLocales: request.uiLocales,
    flowId: record.flowId,
  })
}

/** POST: one of the accounts, or none of them. The chosen one is what later requests of this browser go on with. */
export async function submitSelectAccount(exchange: Exchange): Promise<OAuthReply> {
  const { deps, workspace } = exchange
  const interaction = await loadInteraction(exchange)
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  checkForm(exchange, form, interaction.transaction, interaction.record.flowId, PAGE)
  const sessions = await browserSessions(exchange)
  const chosen = sessions.find((session) => session.sid === form.get('account'))
  if (chosen) await deps.store.sessions.touch(workspace.id, chosen.sid, deps.clock.now())
  const moved = await advance(exchange, interaction, {
    ...interaction.progress,
    sid: chosen?.sid ?? null,
    authenticated: interaction.progress.authenticated && chosen?.sid === interaction.progress.sid,
    selected: true,
    signInAsOther: chosen === undefined,
    consented: null,
  })
  return goOn(exchange, moved, [], sessions)
}
