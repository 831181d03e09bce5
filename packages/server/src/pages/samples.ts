import type { ClientDisplay, ConsentScope, ScopeDisplay } from '../core/interaction/pages.ts'

/** An ordinary client, to build samples from. */
export const notes: ClientDisplay = {
  clientId: 'notes-spa',
  name: 'Acme Notes',
  logoUri: null,
  clientUri: 'https://app.acme.example/',
  policyUri: 'https://app.acme.example/privacy',
  tosUri: 'https://app.acme.example/terms',
  unverified: false,
}

/** Where people may come from. */
export const providers = [
  { id: 'corp', name: 'Acme Corp', href: '/federation/start?flow=flow_8JQ2M0&source=corp' },
  { id: 'partner', name: 'Globex Partner Login', href: '/federation/start?flow=flow_8JQ2M0&source=partner' },
] as const

/** Nobody has vouched for it. */
export const unverified: ClientDisplay = {
  ...notes,
  clientId: 'https://mcp.example/client.json',
  name: 'Quick Import Tool',
  policyUri: null,
  tosUri: null,
  unverified: true,
}

/** Its logo comes with the page. */
export const withLogo: ClientDisplay = {
  ...notes,
  logoUri:
    'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 56 56"%3E%3Crect width="56" height="56" fill="%23f4b400"/%3E%3Cpath d="M16 14h24v6H16zm0 11h24v6H16zm0 11h14v6H16z" fill="%23422f00"/%3E%3C/svg%3E',
}

/** As long as names get. */
export const longName: ClientDisplay = {
  ...notes,
  name: 'Internationale Dokumentenverwaltung und Notizen '.repeat(3).trim(),
}

/** A word no line can hold. */
export const unbreakable: ClientDisplay = {
  ...notes,
  name: 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(3),
}

/** Written by somebody who wishes us ill. */
export const hostile: ClientDisplay = {
  clientId: '"><script>alert(1)</script>',
  name: '<img src=x onerror=alert(1)>"\'&amp; \u202Eevil\u202C',
  logoUri: 'javascript:alert(1)',
  clientUri: 'javascript:alert(1)',
  policyUri: 'data:text/html,<script>alert(1)</script>',
  tosUri: 'https://evil.example/"onmouseover="alert(1)',
  unverified: true,
}

export const rightToLeft: ClientDisplay = { ...notes, name: 'ملاحظات أكمي (Acme Notes)' }

/** Standard scopes and a workspace's own. */
export const someScopes: readonly ScopeDisplay[] = [
  { name: 'openid', description: null, required: true, sensitive: false },
  { name: 'profile', description: null, required: false, sensitive: false },
  { name: 'offline_access', description: null, required: false, sensitive: false },
  { name: 'notes:read', description: 'See your notes', required: true, sensitive: false },
  { name: 'notes:delete', description: 'Delete notes', required: false, sensitive: true },
]

/** A program on a device without a keyboard. */
export const livingRoomTv: ClientDisplay = { ...notes, clientId: 'tv', name: 'Acme TV', clientUri: null }

/** A scope that is asked for: an ordinary one, but for `change`. */
export const aScope = (name: string, change: Partial<ConsentScope> = {}): ConsentScope => ({
  name,
  description: null,
  required: false,
  sensitive: false,
  checked: true,
  isNew: false,
  ...change,
})
