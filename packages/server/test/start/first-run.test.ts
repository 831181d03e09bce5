import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { FIRST_RUN, firstRun } from '../../src/start/first-run.ts'

const folders: string[] = []

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-first-run-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

describe('first-run.json', () => {
  it('is made once for a folder, readable by its owner alone', async () => {
    const folder = aFolder()
    const { isFirst, ...made } = await firstRun(folder)
    expect(isFirst).toBe(true)
    expect(new Set(Object.values(made)).size).toBe(Object.keys(made).length)
    expect(statSync(join(folder, FIRST_RUN)).mode & 0o777).toBe(0o600)
    expect(await firstRun(folder)).toEqual({ ...made, isFirst: false })
    expect(readdirSync(folder)).toEqual([FIRST_RUN])
  })

  it('of an earlier version keeps what it has, and gets what was not known then', async () => {
    const folder = aFolder()
    const file = join(folder, FIRST_RUN)
    const earlier = {
      demo_username: 'demo@example.com',
      demo_password: 'calm-otter-paints-violets-k7Qm4',
      demo_web_secret: 'w',
      demo_machine_secret: 'm',
    }
    writeFileSync(file, JSON.stringify(earlier), { mode: 0o600 })
    const first = await firstRun(folder)
    expect(first).toMatchObject({ ...earlier, isFirst: false })
    expect(first.demo_atm_secret).toMatch(/^[A-Za-z0-9]{50}$/)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...first, isFirst: undefined })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await firstRun(folder)).toEqual(first)
  })
})
