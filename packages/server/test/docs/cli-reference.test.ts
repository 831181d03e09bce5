import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { verbs } from '../../src/cli/verbs.ts'
import { pixy } from '../cli/support.ts'
import { expectGolden } from '../support/golden.ts'

/** As the golden files are named; `npm run golden` writes the blocks of this page anew. */
const PAGE = '../../../../docs/reference/cli.md'
const BLOCK = /<!-- help: ([a-z -]+) -->\n[\s\S]*?<!-- \/help -->/g

const page = readFileSync(fileURLToPath(new URL(`../golden/${PAGE}`, import.meta.url)), 'utf8')

async function helpOf(command: string): Promise<string> {
  return (await pixy([...command.split(' '), '--help'])).out
}

/** Every command that does something: `start`, `client create` … */
async function allCommands(): Promise<readonly string[]> {
  const found = await Promise.all(
    verbs.map(async ({ name }) => {
      const help = await helpOf(name)
      const [, rest = ''] = help.split('\nCommands:\n')
      const [list = ''] = rest.split('\n\n')
      const inner = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, command]) => `${name} ${command}`)
      return help.includes(`Usage: pixy ${name} VERB`) ? inner : [name, ...inner]
    }),
  )
  return found.flat()
}

/** The help without what all commands share. */
function block(command: string, help: string): string {
  const [own = ''] = help.split('\nGlobal Options:\n')
  const lines = own.trimEnd().split('\n')
  const rest = lines.filter((line) => !/^ {2}-h, --help/.test(line)).join('\n')
  const text = rest.replace(/\nOptions:\s*(?=\n\nCommands:|$)/, '').trimEnd()
  return `<!-- help: ${command} -->\n\`\`\`text\n${text}\n\`\`\`\n<!-- /help -->`
}

describe('docs/reference/cli.md', () => {
  it('shows the help of each command as it is', async () => {
    const named = [...page.matchAll(BLOCK)].map(([, command = '']) => command)
    const helps = new Map(await Promise.all(named.map(async (name) => [name, await helpOf(name)] as const)))
    const text = page.replace(BLOCK, (_whole, command: string) => block(command, helps.get(command) ?? ''))
    expectGolden(PAGE, text)
  })

  it('has every command', async () => {
    const named = [...page.matchAll(BLOCK)].map(([, command]) => command)
    expect(named.toSorted()).toEqual([...(await allCommands())].toSorted())
  })
})
