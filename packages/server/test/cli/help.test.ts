import { describe, expect, it } from 'vitest'
import { verbs } from '../../src/cli/verbs.ts'
import { version } from '../../src/version.ts'
import { expectGolden } from '../support/golden.ts'
import { pixy } from './support.ts'

/** The names under `Commands:` of a help text. */
function namesIn(help: string): readonly string[] {
  const [, rest = ''] = help.split('\nCommands:\n')
  const [list = ''] = rest.split('\n\n')
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name)
}

async function helpOf(...names: string[]): Promise<string> {
  const { code, out, err } = await pixy([...names, '--help'])
  expect([code, err]).toEqual([0, ''])
  return out
}

describe('help', () => {
  it('lists every verb', async () => {
    const help = await helpOf()
    expect(namesIn(help)).toEqual([...verbs.map(({ name }) => name), 'help'])
    expectGolden('cli/pixy.txt', help)
  })

  it.each(verbs.map(({ name }) => name))('of %s and its commands is as reviewed', async (verb) => {
    const own = await helpOf(verb)
    const inner = await Promise.all(namesIn(own).map((name) => helpOf(verb, name)))
    expectGolden(`cli/${verb}.txt`, [own, ...inner].join('\n────\n\n'))
  })

  it('is shown without arguments, and by the verb help', async () => {
    const help = await helpOf()
    expect(await pixy([])).toEqual({ code: 0, out: help, err: '' })
    expect((await pixy(['help', 'client'])).out).toBe(await helpOf('client'))
  })

  it('offers no flag whose value is a password or a secret', async () => {
    for (const { name } of verbs) {
      const own = await helpOf(name)
      const all = [own, ...(await Promise.all(namesIn(own).map((inner) => helpOf(name, inner))))]
      const flags = [...all.join('\n').matchAll(/(--[a-z-]*(?:password|secret)[a-z-]*) (<[a-z_]+>)/g)]
      for (const [, flag = '', value] of flags)
        expect([flag, value]).toEqual([expect.stringMatching(/-file$/), '<file>'])
    }
  })

  it('prints the version', async () => {
    expect(await pixy(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })
})
