import { describe, expect, it } from 'vitest'
import { pageName } from '../../../../testing/src/browser.ts'
import { plain } from '../../support/authorization.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { options } from './support.ts'

forEachSharedStore((server) => {
  const open = (language = 'en') => server().request('/scopes', { headers: { 'accept-language': language } })
  const rows = (html: string) =>
    [...html.matchAll(/<li class="scope-entry">([\s\S]*?)<\/li>/g)].map(([, row = '']) => ({
      name: plain(/<code[^>]*>([^<]*)</.exec(row)?.[1]),
      text: plain(row) ?? '',
    }))

  describe('GET /scopes', () => {
    it('S2-11 lists what discovery names, with descriptions, for anybody and without the dialect', async () => {
      const { status, text, headers } = await open()
      expect(status).toBe(200)
      expect(pageName({ body: text })).toBe('scopes')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      const listed = rows(text)
      const discovery = await server().request('/.well-known/openid-configuration')
      expect(listed.map(({ name }) => name)).toEqual(discovery.json.scopes_supported)
      const textOf = (scope: string) => listed.find(({ name }) => name === scope)?.text
      expect(textOf('read:core:entities')).toBe('read:core:entitiesRead your locking devices and grants')
      expect(textOf('write:grants')).toBe('write:grantsSensitiveHand out keys in your name')
      expect(textOf('write:logs')).toBe('write:logsRequiredWrite the log')
      expect(textOf('openid')).toContain('Required')
      expect(textOf('profile')).toBe('profileSee your profileYour name, picture, language and the like')
    })

    it('S2-11 S3-25 reads well where a scope takes a value', async () => {
      const { text } = await open()
      const row = rows(text).find(({ name }) => name === 'lock/{owner_account}/{lock}')
      expect(row?.text).toBe(
        'lock/{owner_account}/{lock}Open lock of owner accountApps ask for it with a value, such as lock/12345/12345.',
      )
      expect(text).toContain('<var>owner account</var>')
    })

    it('S2-11 works without script and holds no form', async () => {
      const { text } = await open()
      expect(text).not.toMatch(/<form\b/)
      expect(text.match(/<script/g)).toHaveLength(1) // the shared one, which only helps forms
    })

    it('S2-11 speaks German and Arabic', async () => {
      expect((await open('de')).text).toContain('Ihr Profil sehen')
      const arabic = (await open('ar')).text
      expect(arabic).toContain('<html lang="ar" dir="rtl">')
      expect(arabic).toContain('النطاقات')
    })
  })
}, options)
