import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ConsentRecord, UserRecord } from '../../store/records.ts'
import { displayName } from '../accounts/claims.ts'
import { scopeToConsent } from '../authorization/claims-consent.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { readForm } from '../form.ts'
import { patternOf, scopeSetting } from '../workspaces/scopes.ts'
import { findResource } from '../workspaces/workspace.ts'
import { checkForm, csrfToken } from './forms.ts'
import { advance, currentStep, dispatch, finishWithError, goOn } from './interaction.ts'
import { loadInteraction } from './load-interaction.ts'
import { clientDisplay, pageReply, returnsTo } from './page-reply.ts'
import { pageUrl } from './page-url.ts'
import type { ConsentScope } from './pages.ts'

const PAGE = 'consent'

/** How long an answer is remembered, for each scope. */
const CONSENT_LIFE = 90 * 86_400

/** How many values of one dynamic scope are remembered, the newest: an app may ask for a new one every day. */
const VALUES_REMEMBERED = 100

/** GET: the consent page while it is due, else wherever the interaction stands. */
export async function showConsent(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  if (step.step !== 'consent') return dispatch(exchange, interaction, step)
  const { client, request, record, transaction } = interaction
  const props = {
    action: pageUrl(exchange, PAGE, record.flowId),
    csrf: csrfToken(transaction, record.flowId, formOf(step.user)),
    client: clientDisplay(client),
    account: accountLabel(step.user),
    scopes: offeredScopes(exchange, scopeToConsent(exchange, client, request), step.consent),
    resources: request.resources.map(
      (resource) => findResource(exchange.workspace, resource)?.name ?? resource,
    ),
    returnsTo: returnsTo(client, request.redirectUri),
    switchAccountUrl: pageUrl(exchange, 'select-account', record.flowId),
    changed: step.consent !== undefined,
  }
  return pageReply(exchange, PAGE, props, {
    formAction: redirectOrigin(request.redirectUri),
    uiLocales: request.uiLocales,
    flowId: record.flowId,
  })
}

/**
 * POST: allow with the ticked scopes, or deny. The form can only narrow what was asked for; required scopes stay, and
 * allowing nothing is denying.
 */
export async function submitConsent(exchange: Exchange): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const interaction = await loadInteraction(exchange)
  const form = readForm(exchange)
  const { record, request, client, transaction } = interaction
  const step = await currentStep(exchange, interaction)
  checkForm(exchange, form, transaction, record.flowId, 'user' in step ? formOf(step.user) : PAGE)
  // Another tab may have answered since this page was shown. What people say here counts here: above all a no.
  const answered = step.step === 'issue' && interaction.progress.consented !== null
  if (answered || (step.step !== 'consent' && step.step !== 'issue')) {
    return dispatch(exchange, interaction, step)
  }
  if (form.get('action') === 'deny') return finishWithError(exchange, interaction, new Refusal('user_denied'))
  flow.check('interaction_step_skipped', form.get('action') === 'allow', () => ({
    expected: 'action allow or deny',
  }))

  const asked = scopeToConsent(exchange, client, request)
  const ticked = form.getAll('scope')
  const allowed = asked.filter((scope) => isRequired(exchange, scope) || ticked.includes(scope))
  if (allowed.length === 0 && asked.length > 0) {
    return finishWithError(exchange, interaction, new Refusal('user_denied'))
  }
  const now = deps.clock.now()
  const { userId } = step.user
  const earlier =
    step.step === 'consent'
      ? step.consent
      : await deps.store.consents.find(workspace.id, userId, client.clientId)
  await deps.store.consents.put({
    workspaceId: workspace.id,
    userId,
    clientId: client.clientId,
    ...merged(exchange, earlier, asked, allowed),
    grantedAt: now,
    expiresAt: now + CONSENT_LIFE,
  })
  const moved = await advance(exchange, interaction, {
    ...interaction.progress,
    sid: step.session.sid,
    consented: allowed,
  })
  return goOn(exchange, moved)
}

/**
 * What the form's token is bound to. Security: with the account, or a page that shows one account could be answered for
 * another that was signed in meanwhile in a second tab.
 */
function formOf({ userId }: UserRecord): string {
  return `${PAGE} ${userId}`
}

/** `openid` and what the workspace marks as required are not the user's to refuse. */
export function isRequired({ workspace }: Exchange, scope: string): boolean {
  return scope === 'openid' || scopeSetting(workspace, scope)?.required === true
}

export function offeredScopes(
  exchange: Exchange,
  asked: readonly string[],
  earlier: ConsentRecord | undefined,
): readonly ConsentScope[] {
  return asked.map((name) => {
    const setting = scopeSetting(exchange.workspace, name)
    const required = isRequired(exchange, name)
    const sensitive = setting?.sensitive === true
    const before = earlier && (earlier.scope.includes(name) || earlier.declined.includes(name))
    return {
      name,
      description: setting?.description ?? null,
      required,
      sensitive,
      checked: required || (before ? earlier.scope.includes(name) : !sensitive),
      isNew: earlier !== undefined && !before,
    }
  })
}

/** What is remembered: this answer for what was asked now, earlier answers for the rest. */
function merged(
  { workspace }: Exchange,
  earlier: ConsentRecord | undefined,
  asked: readonly string[],
  allowed: readonly string[],
) {
  const keep = (scopes: readonly string[] = []) => scopes.filter((scope) => !asked.includes(scope))
  const newest = (scopes: readonly string[]) => newestValues(workspace, scopes)
  return {
    scope: newest([...keep(earlier?.scope), ...allowed]),
    declined: newest([...keep(earlier?.declined), ...asked.filter((scope) => !allowed.includes(scope))]),
  }
}

/** Without the oldest values of a dynamic scope that has too many. The newest stand last. */
function newestValues(workspace: Exchange['workspace'], scopes: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  return scopes
    .toReversed()
    .filter((scope) => {
      const pattern = patternOf(workspace, scope)
      if (pattern === undefined) return true
      const count = (counts.get(pattern) ?? 0) + 1
      counts.set(pattern, count)
      return count <= VALUES_REMEMBERED
    })
    .toReversed()
}

export function accountLabel(user: UserRecord): string {
  const name = displayName(user)
  return name === user.username ? name : `${name} (${user.username})`
}
