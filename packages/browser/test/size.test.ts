import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'

it('weighs at most 9 kB, minified and compressed, and pulls in nothing else', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2024',
      rolldownOptions: {
        input: fileURLToPath(new URL('../src/index.ts', import.meta.url)),
        preserveEntrySignatures: 'strict',
        output: { minify: true },
      },
    },
  })
  const [output] = [result].flat()
  const chunks = output && 'output' in output ? output.output : []
  const code = chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
  expect(code).toContain('createAuthClient')
  expect(code).not.toMatch(/\bfrom\s*["']/)
  expect(gzipSync(code).length).toBeLessThanOrEqual(9_000)
})
