import { describe, expect, it } from 'vitest'
import { DIALECT_PATHS } from '../../src/config/schema/file-rules.ts'
import { dialects } from '../../src/dialects/dialects.ts'
import { workspacePrefixes, workspaceRoutes } from '../../src/routes.ts'
import { problemsOf } from './support.ts'

/** Problems of an issuer at `path` beside one at `root`. */
const beside = (root: string, path: string) =>
  problemsOf({
    tenants: [
      {
        id: 'acme',
        workspaces: [
          { id: 'root', path: root },
          { id: 'other', path },
        ],
      },
    ],
  })

describe('an issuer below another one', () => {
  it('hides none of its endpoints', () => {
    const paths = [...workspaceRoutes.keys(), ...[...workspacePrefixes.keys()].map((path) => `${path}x`)]
    for (const path of paths.filter((path) => !path.startsWith('/.well-known/'))) {
      expect(beside('/', path).join(), path).toContain('which would hide')
      expect(beside('/acme', `/acme${path}`).join(), path).toContain('of acme:root')
    }
  })

  it('hides none of what dialects serve there', () => {
    const served = dialects.flatMap(({ routes, prefixes = new Map() }) => [
      ...routes.keys(),
      ...[...prefixes.keys()].map((path) => `${path}x`),
    ])
    for (const path of served)
      expect(path.startsWith('/userinfo/') || DIALECT_PATHS.includes(path)).toBe(true)
    for (const path of DIALECT_PATHS) {
      expect(served).toContain(path)
      if (path.includes('.well-known')) continue
      expect(beside('/', path).join(), path).toContain('which would hide')
      expect(beside('/acme', `/acme${path}`).join(), path).toContain('of acme:root')
    }
    for (const path of ['/auth', '/connect', '/api', '/api/v1'])
      expect(beside('/', path).join(), path).toContain('which would hide')
  })

  it('may have their names where it hides nothing', () => {
    for (const path of ['/login/demo', '/auth/demo', '/connect/demo', '/api/demo', '/api/v2', '/connects'])
      expect(beside('/', path), path).toEqual([])
    for (const path of ['/login', '/auth', '/connect', '/api', '/scopes', '/federation'])
      expect(beside('/acme', path), path).toEqual([])
  })
})
