import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/schema.ts'
import { aClient, aConfig, type Client, problemsOf } from './support.ts'

const firstWorkspace = (workspace: Parameters<typeof aConfig>[0]) =>
  parseConfig(aConfig(workspace)).tenants?.[0]?.workspaces?.[0]
const firstClient = (client: Partial<Client>) => firstWorkspace({ clients: [aClient(client)] })?.clients?.[0]

describe('parseConfig, defaults (contract §2)', () => {
  it('fills in what the contract shows', () => {
    const workspace = firstWorkspace({})
    expect(workspace).toEqual({
      id: 'main',
      name: 'main',
      path: '/acme/main',
      signing_algs: ['RS256', 'ES256'],
      lifetimes: { authorization_code: 60, access_token: 600, id_token: 600, session: 1_209_600 },
      default_scope: 'openid',
      access_token_format: 'jwt',
      registration: 'token',
      client_id_metadata_documents: true,
      loopback_resources: false,
      sign_up: 'closed',
    })
  })

  it('gives an empty configuration a URL, a data folder and a database', () => {
    const config = parseConfig({})
    expect(config).toMatchObject({
      url: 'http://localhost:4000',
      url_is_default: true,
      database: 'sqlite:./data/pixy.db',
    })
    expect(config.tenants).toBeUndefined()
    expect(parseConfig({ port: 4100, data: '/srv/pixy' })).toMatchObject({
      url: 'http://localhost:4100',
      database: 'sqlite:/srv/pixy/pixy.db',
    })
  })

  it('makes a client with redirect URIs and without credentials public', () => {
    expect(firstClient({})).toMatchObject({
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      require_pkce: true,
      code_challenge_methods: ['S256'],
      consent: 'ask',
      offline_access: 'scope',
      refresh_token: {
        policy: 'rotate',
        idle_lifetime: 2_592_000,
        absolute_lifetime: 7_776_000,
        retry_window: 30,
      },
      user_access: 'everyone',
      web_origins: [],
      dialects: [],
      client_secrets: [],
    })
  })

  it('takes the authentication method from the credentials', () => {
    expect(firstClient({ client_secret: 's' })?.token_endpoint_auth_method).toBe('client_secret_basic')
    expect(firstClient({ client_secrets: [{ value: 's' }] })?.token_endpoint_auth_method).toBe(
      'client_secret_basic',
    )
    expect(firstClient({ jwks_uri: 'https://app.example/jwks' })?.token_endpoint_auth_method).toBe(
      'private_key_jwt',
    )
    expect(firstClient({ jwks: { keys: [{ kty: 'EC' }] } })?.token_endpoint_auth_method).toBe(
      'private_key_jwt',
    )
  })

  it('takes a client without redirect URIs for a machine', () => {
    expect(firstClient({ redirect_uris: [], client_secret: 's' })).toMatchObject({
      grant_types: ['client_credentials'],
      response_types: [],
    })
  })

  it('joins client_secret and client_secrets', () => {
    const secrets = firstClient({
      client_secret: 'a',
      client_secrets: [{ value: 'b', expires_at: 5 }],
    })?.client_secrets
    expect(secrets).toEqual([
      { value: 'a', expires_at: 0 },
      { value: 'b', expires_at: 5 },
    ])
  })
})

describe('parseConfig, what is accepted', () => {
  const good: Readonly<Record<string, unknown>> = {
    nothing: {},
    'a $schema': { $schema: './pixy.schema.json' },
    'a tenant without workspaces': { tenants: [{ id: 'acme' }] },
    'a tenant with its own origin': {
      tenants: [{ id: 'acme', url: 'https://login.acme.example', hosts: ['eu.acme.example'] }],
    },
    'http on another machine, in development': { url: 'http://192.168.1.5:4000' },
    'loopback redirect URIs of a web client': aConfig({
      clients: [aClient({ redirect_uris: ['http://localhost:5173/cb'] })],
    }),
    'a private-use scheme of a native client': aConfig({
      clients: [aClient({ application_type: 'native', redirect_uris: ['com.example.app:/callback'] })],
    }),
    'an undotted scheme with the dialect atm': aConfig({
      clients: [aClient({ application_type: 'native', dialects: ['atm'], redirect_uris: ['MyApp://'] })],
    }),
    'reuse for a confidential client': aConfig({
      clients: [aClient({ client_secret: 's', refresh_token: { policy: 'reuse' } })],
    }),
    'reuse with the dialect tapkey': aConfig({
      clients: [aClient({ dialects: ['tapkey'], refresh_token: { policy: 'reuse' } })],
    }),
    'a client that must push its requests': aConfig({
      clients: [aClient({ require_pushed_authorization_requests: true })],
    }),
    'token exchange for a confidential client': aConfig({
      resources: [{ identifier: 'https://api.example' }],
      clients: [
        aClient({
          client_secret: 's',
          grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
          token_exchange: { subject_clients: ['other'], subject_resources: ['https://api.example'] },
        }),
      ],
    }),
    'no PKCE for a confidential client': aConfig({
      clients: [aClient({ client_secret: 's', require_pkce: false })],
    }),
    'members with a language tag': aConfig({ clients: [{ ...aClient(), 'client_name#de-AT': 'Notizen' }] }),
    'a scope of the workspace': aConfig({
      scopes: [{ name: 'a:b' }],
      default_scope: 'openid a:b',
      clients: [aClient({ scope: 'openid a:b' })],
    }),
    'a loopback resource of the demo': aConfig({
      loopback_resources: true,
      clients: [aClient({ resources: ['http://localhost:3000'] })],
    }),
    'an oidc source': aConfig({
      identity_sources: [
        { id: 'corp', type: 'oidc', issuer: 'https://idp.example', client_id: 'pixy', client_secret: 's' },
      ],
    }),
    'the same username in two sources': aConfig({
      identity_sources: [
        { id: 'pool', type: 'pool' },
        { id: 'sandbox', type: 'sandbox', users: [{ username: 'alice' }] },
      ],
      users: [{ username: 'alice' }],
    }),
    'claims of one’s own': aConfig({
      users: [{ username: 'a', claims: { email_verified: true, team: ['x', { y: null }] } }],
    }),
    'an endpoint’s name where it hides none': {
      tenants: [{ id: 'acme', workspaces: [{ id: 'device' }, { id: 'b', path: '/auth' }] }],
    },
    'networks of proxies': { trust_proxy: ['10.0.0.0/8', 'loopback', '::1'] },
    'the root and a path': {
      tenants: [
        {
          id: 'acme',
          workspaces: [
            { id: 'a', path: '/' },
            { id: 'b', path: '/b' },
          ],
        },
      ],
    },
  }
  it.each(Object.entries(good))('%s', (_, input) => {
    expect(problemsOf(input)).toEqual([])
  })
})

const client = 'tenants[0].workspaces[0].clients[0]'
const clients = (over: Readonly<Record<string, unknown>>) =>
  aConfig({ clients: [{ ...aClient(), ...over } as Client] })

describe('parseConfig, what is refused', () => {
  const bad: ReadonlyArray<readonly [input: unknown, ...lines: RegExp[]]> = [
    [null, /^configuration: received null, expected an object\.$/],
    [[], /^configuration: received a list, expected an object\.$/],
    [{ tennants: [] }, /^tennants: is not a member that Pixy knows\. Did you mean "tenants"\?$/],
    [{ secret: 'x' }, /^secret: is not a member of the file\. Set PIXY_SECRET/],
    [
      { url: 'https://auth.example/' },
      /^url: received "https:\/\/auth\.example\/", expected scheme and host/,
    ],
    [{ url: 'https://auth.example/base' }, /A path belongs to the workspace/],
    [{ url: 'auth.example' }, /^url: received "auth\.example"/],
    [{ url: 'ftp://auth.example' }, /^url: received/],
    [{ url: 'https://auth.example?x' }, /^url: received/],
    [{ url: 'https://Auth.example' }, /^url: received/],
    [{ url: 'https://auth.example:443' }, /^url: received/],
    [{ port: '4000' }, /^port: received "4000", expected a number\. Remove the quotes\.$/],
    [{ port: 70_000 }, /^port: received 70000, expected a port from 0 to 65535\.$/],
    [
      { database: 'mysql://user:geheim@host' },
      /^database: received a string of 24 characters, expected sqlite:PATH/,
    ],
    [{ tenants: [{}] }, /^tenants\[0\]\.id: is missing, expected a string\.$/],
    [{ tenants: [{ id: 'a b' }] }, /^tenants\[0\]\.id: received "a b", expected 1 to 63 letters/],
    [{ tenants: [{ id: 'a' }, { id: 'a' }] }, /^tenants\[1\]\.id: received "a" for the second time/],
    [
      { tenants: [{ id: 'a', workspaces: [{ id: 'm' }, { id: 'm', path: '/x' }] }] },
      /workspaces\[1\]\.id: received "m" for the second time/,
    ],
    [
      {
        tenants: [
          { id: 'a', workspaces: [{ id: 'm', path: '/' }] },
          { id: 'b', workspaces: [{ id: 'm', path: '/' }] },
        ],
      },
      /^tenants\[1\]\.workspaces\[0\]\.path: received "\/", which is the path of a:m too/,
    ],
    [
      { trust_proxy: 'everybody' },
      /^trust_proxy: received "everybody", expected false, the number of proxies, or their addresses/,
    ],
    [
      {
        tenants: [
          {
            id: 'a',
            workspaces: [
              { id: 'm', path: '/' },
              { id: 'n', path: '/oauth2' },
            ],
          },
        ],
      },
      /workspaces\[1\]\.path: received "\/oauth2", which would hide \/oauth2 of a:m/,
    ],
    [
      {
        tenants: [
          {
            id: 'a',
            workspaces: [
              { id: 'm', path: '/x' },
              { id: 'n', path: '/x/device/y' },
            ],
          },
        ],
      },
      /workspaces\[1\]\.path: received "\/x\/device\/y", which would hide \/device of a:m/,
    ],
    [aConfig({ path: '/console' }), /path: received "\/console", but \/console is a path of Pixy's own/],
    [aConfig({ path: '/acme/' }), /path: received "\/acme\/", expected \/ or a path such as/],
    [aConfig({ path: 'acme' }), /path: received "acme"/],
    [aConfig({ path: '/a/../b' }), /path: received "\/a\/\.\.\/b"/],
    [aConfig({ signing_algs: [] }), /signing_algs: received a list, expected at least one algorithm/],
    [
      aConfig({ signing_algs: ['ES255' as 'ES256'] }),
      /signing_algs\[0\]: received "ES255", expected "RS256", "PS256", "ES256" or "EdDSA"\. Did you mean "ES256"\?$/,
    ],
    [
      aConfig({ lifetimes: { access_token: 0 } }),
      /lifetimes\.access_token: received 0, expected 1 to 2592000 seconds\.$/,
    ],
    [
      aConfig({ lifetimes: { authorization_code: 601 } }),
      /authorization_code: received 601, expected 1 to 600 seconds/,
    ],
    [aConfig({ lifetimes: { session: 1.5 } }), /session: received 1\.5, expected a whole number/],
    [
      aConfig({ default_scope: 'openid notes' }),
      /default_scope: received "notes", which is not a scope of this workspace\. Add it/,
    ],
    [
      aConfig({ default_scope: 'openid  email' }),
      /default_scope: received "openid {2}email", expected scope names/,
    ],
    [
      aConfig({ scopes: [{ name: 'a' }, { name: 'a' }] }),
      /scopes\[1\]\.name: received "a" for the second time/,
    ],
    [
      aConfig({ resources: [{ identifier: 'https://api.example', scopes: ['x'] }] }),
      /resources\[0\]\.scopes\[0\]: received "x", which is not a scope/,
    ],
    [
      aConfig({ resources: [{ identifier: 'https://a.example' }, { identifier: 'https://a.example/' }] }),
      /the same resource as "https:\/\/a\.example"/,
    ],
    [
      aConfig({ resources: [{ identifier: '/api' }] }),
      /identifier: received "\/api", expected an absolute URI/,
    ],
    [
      aConfig({ branding: { accent: 'red' } }),
      /branding\.accent: received "red", expected a colour such as #0a7cff/,
    ],
    [
      aConfig({ branding: { logo_uri: 'javascript:alert(1)' } }),
      /logo_uri: received "javascript:alert\(1\)", expected an https URI/,
    ],
    [
      aConfig({ identity_sources: [{ id: 'a', type: 'saml' as 'pool' }] }),
      /identity_sources\[0\]\.type: received "saml", expected "pool", "sandbox" or "oidc"/,
    ],
    [
      aConfig({ users: [{ username: 'Alice' }, { username: ' alice' }] }),
      /users\[1\]\.username: received " alice" for the second time/,
    ],
    [
      aConfig({ users: [{ username: 'a', source: 'poool' }] }),
      /users\[0\]\.source: received "poool", which is not an identity source of this workspace\. Did you mean "pool"\?/,
    ],
    [
      aConfig({ users: [{ username: 'a', claims: { email_verified: 'true' as unknown as boolean } }] }),
      /email_verified: received "true", expected true or false\. Remove the quotes/,
    ],
    [
      aConfig({ users: [{ username: 'a', claims: { sub: '1' as never } }] }),
      /claims\.sub: received "1", expected no sub/,
    ],
    [
      aConfig({ users: [{ username: 'a', password: '' }] }),
      /password: received a string of 0 characters, expected a password/,
    ],
    [
      aConfig({ clients: [aClient(), aClient()] }),
      /clients\[1\]\.client_id: received "spa" for the second time/,
    ],
    [
      clients({ redirect_uri: 'x' }),
      new RegExp(
        `^${quoted(client)}\\.redirect_uri: is not a member that Pixy knows\\. Did you mean "redirect_uris"\\?$`,
      ),
    ],
    [clients({ redirectUris: [] }), /redirectUris: .* Did you mean "redirect_uris"\?$/],
    [clients({ 'scope#de': 'x' }), /\["scope#de"\]: is not a member/],
    [clients({ 'client_name#de': 1 }), /\["client_name#de"\]: received 1, expected a string/],
    [
      clients({ redirect_uris: 'https://app.example' }),
      /redirect_uris: received "https:\/\/app\.example", expected a list\. Put it in brackets/,
    ],
    [
      clients({ redirect_uris: ['http://app.example/cb'] }),
      /redirect_uris\[0\]: received "http:\/\/app\.example\/cb" \(http_not_loopback\)\. Use https/,
    ],
    [clients({ redirect_uris: ['https://app.example/*'] }), /\(wildcard\)\. Register every URI in full/],
    [clients({ redirect_uris: ['javascript:alert(1)'] }), /\(forbidden_scheme\)/],
    [clients({ application_type: 'web', redirect_uris: ['com.example.app:/cb'] }), /\(scheme_not_native\)/],
    [clients({ application_type: 'native', redirect_uris: ['MyApp://'] }), /\(undotted_scheme\)/],
    [
      clients({ post_logout_redirect_uris: ['http://app.example/'] }),
      /post_logout_redirect_uris\[0\]: .*\(http_not_loopback\)/,
    ],
    [clients({ redirect_uris: [] }), /redirect_uris: is empty, so the client can only act on its own behalf/],
    [
      clients({ redirect_uris: [], grant_types: ['authorization_code'] }),
      /redirect_uris: is empty, but the grant type authorization_code needs one/,
    ],
    [
      clients({ grant_types: ['implicit'] }),
      /grant_types\[0\]: received "implicit", expected "authorization_code"/,
    ],
    [
      clients({ grant_types: ['client_credentials'] }),
      /grant_types: received "client_credentials" for a public client/,
    ],
    [clients({ require_pkce: false }), /require_pkce: received false for a public client/],
    [
      clients({
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
        token_exchange: {},
      }),
      /token_exchange: received for a public client/,
    ],
    [
      clients({ client_secret: 's', token_exchange: { target_resources: ['https://unknown.example'] } }),
      /token_exchange: received without its grant type/,
      /token_exchange\.target_resources\[0\]: received "https:\/\/unknown\.example", which is not a resource/,
    ],
    [
      clients({ client_secret: 's', token_exchange: { impersonate: true } }),
      /token_exchange\.impersonate: is not a member that Pixy knows\. Did you mean "impersonation"/,
      /token_exchange: received without its grant type/,
    ],
    [
      clients({ refresh_token: { policy: 'reuse' } }),
      /refresh_token\.policy: received "reuse" for a public client/,
    ],
    [
      clients({ token_endpoint_auth_method: 'none', client_secret: 'x' }),
      /received "none" together with a secret/,
    ],
    [
      clients({ token_endpoint_auth_method: 'client_secret_post' }),
      /received "client_secret_post" without client_secret/,
    ],
    [clients({ token_endpoint_auth_method: 'private_key_jwt' }), /received "private_key_jwt" without keys/],
    [
      clients({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'x' }),
      /expected "none", "client_secret_basic", "client_secret_post" or "private_key_jwt"/,
    ],
    [
      clients({ jwks: { keys: [{ kty: 'EC', d: 'x' }] } }),
      /jwks\.keys\[0\]: received a private or symmetric key/,
    ],
    [
      clients({ jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' }),
      /jwks_uri: received together with jwks/,
    ],
    [
      clients({ scope: 'openid emial' }),
      /scope: received "emial", which is not a scope of this workspace\. Did you mean "email"\?/,
    ],
    [clients({ identity_sources: ['corp'] }), /identity_sources\[0\]: received "corp".* Known here: pool\.$/],
    [
      clients({ resources: ['https://api.example'] }),
      /resources\[0\]: received "https:\/\/api\.example", which is not a resource of this workspace/,
    ],
    [
      clients({ id_token_signed_response_alg: 'EdDSA' }),
      /received "EdDSA", which the workspace has no key for/,
    ],
    [clients({ web_origins: ['https://app.example/'] }), /web_origins\[0\]: .* expected an origin/],
    [clients({ dialects: ['tapkie'] }), /dialects\[0\]: received "tapkie", .* Did you mean "tapkey"\?/],
    [
      clients({ subject_type: 'pairwise', redirect_uris: ['https://a.example/', 'https://b.example/'] }),
      /subject_type: .* Add sector_identifier_uri/,
    ],
    [
      clients({ client_secret: 'gehüm' }),
      /client_secret: received a string of 5 characters, expected 1 to 512 printable ASCII/,
    ],
    [clients({ access_token_lifetime: -1 }), /access_token_lifetime: received -1/],
  ]
  it.each(bad.map(([input, ...lines]) => ({ input, lines, title: String(lines[0]) })))(
    '$title',
    ({ input, lines }) => {
      const problems = problemsOf(input)
      expect(problems).toHaveLength(lines.length)
      for (const [index, line] of lines.entries()) expect(problems[index]).toMatch(line)
    },
  )

  it('tells all problems at once, those between members included', () => {
    const input = {
      ur: 1,
      tenants: [
        {
          id: 'acme',
          workspaces: [
            {
              id: 'main',
              default_scope: 'nope',
              clients: [{ client_id: 7, scope: 'nope2', require_pkce: false, redirect_uris: ['x:y'] }],
            },
            { id: 'main' },
          ],
        },
      ],
    }
    const paths = problemsOf(input, true).map((line) => line.slice(0, line.indexOf(': ')))
    expect(paths.sort()).toEqual(
      [
        'ur',
        'url',
        'tenants[0].workspaces[0].default_scope',
        'tenants[0].workspaces[0].clients[0].client_id',
        'tenants[0].workspaces[0].clients[0].scope',
        'tenants[0].workspaces[0].clients[0].require_pkce',
        'tenants[0].workspaces[0].clients[0].redirect_uris[0]',
        'tenants[0].workspaces[1].id',
      ].sort(),
    )
  })

  it('never shows a secret, nor breaks a line', () => {
    const lines = problemsOf(
      clients({ client_secret: 'top secret ü', client_name: 'a\nb', refresh_token: 'top\nsecret' }),
    )
    expect(lines.join('\n')).not.toContain('top secret')
    for (const line of lines) expect(line).not.toMatch(/\n/)
  })
})

describe('parseConfig with --production', () => {
  it('wants a URL, and https', () => {
    expect(problemsOf({}, true)).toEqual([expect.stringMatching(/^url: is missing/)])
    expect(problemsOf({ url: 'http://auth.example' }, true)).toEqual([
      expect.stringMatching(/^url: .* expected https/),
    ])
    expect(problemsOf({ url: 'https://auth.example' }, true)).toEqual([])
    expect(problemsOf({ url: 'http://localhost:4000' }, true)).toEqual([])
    const tenants = [{ id: 'acme', url: 'http://acme.example' }]
    expect(problemsOf({ url: 'https://auth.example', tenants }, true)).toEqual([
      expect.stringMatching(/^tenants\[0\]\.url: /),
    ])
  })

  it('refuses a sandbox', () => {
    const input = aConfig({ identity_sources: [{ id: 'sandbox', type: 'sandbox' }] })
    expect(problemsOf(input)).toEqual([])
    expect(problemsOf(input, true)).toEqual([
      expect.stringMatching(/identity_sources\[0\]\.type: received "sandbox"/),
    ])
  })
})

function quoted(text: string): string {
  return text.replace(/[[\].]/g, '\\$&')
}

describe('demands that are not enforced yet', () => {
  it('are refused, not ignored: dpop_bound_access_tokens', () => {
    expect(() => parseConfig(aConfig({ clients: [aClient({ dpop_bound_access_tokens: true })] }))).toThrow(
      /dpop_bound_access_tokens.*cannot enforce yet/,
    )
  })
})
