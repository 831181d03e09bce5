import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAcrValues } from './acr.ts'
import { parseDisplay } from './display.ts'
import { parseMaxAge } from './max-age.ts'
import { parsePrompt } from './prompt.ts'
import { parseResponseMode } from './response-mode.ts'

describe('parsePrompt (OIDC Core §3.1.2.1)', () => {
  it.each([
    [undefined, []],
    ['none', ['none']],
    ['login consent', ['login', 'consent']],
    ['consent login consent', ['consent', 'login']],
    [' select_account  create ', ['select_account', 'create']],
  ])('reads %j', (text, prompts) => {
    expect(parsePrompt(text)).toEqual(prompts)
  })

  it.each([
    ['none login', 'none_with_others'],
    ['login none', 'none_with_others'],
    ['Login', 'unknown_value'],
    ['login,consent', 'unknown_value'],
    ['none\0', 'unknown_value'],
    ['toString', 'unknown_value'],
    [' '.repeat(1_000_000), 'unknown_value'],
  ])('AZ-18, AZ-19: refuses %j', (text, problem) => {
    expect(parsePrompt(text)).toEqual({ problem })
  })
})

describe('parseMaxAge (OIDC Core §3.1.2.1)', () => {
  it.each([
    [undefined, undefined],
    ['0', 0],
    ['10000', 10_000],
    ['0000000060', 60],
    ['2147483648', 2_147_483_648],
  ])('reads %j', (text, seconds) => {
    expect(parseMaxAge(text)).toBe(seconds)
  })

  it.each([
    ['-1', 'not_a_number'],
    ['abc', 'not_a_number'],
    ['1.5', 'not_a_number'],
    ['1e3', 'not_a_number'],
    ['1e20', 'not_a_number'],
    ['+1', 'not_a_number'],
    [' 1', 'not_a_number'],
    ['0x10', 'not_a_number'],
    ['٣', 'not_a_number'],
    ['', 'not_a_number'],
    ['1\n', 'not_a_number'],
    ['2147483649', 'too_large'],
    ['99999999999', 'too_large'],
    ['9'.repeat(1_000_000), 'too_large'],
  ])('AZ-22: refuses %j as %s', (text, problem) => {
    expect(parseMaxAge(text)).toEqual({ problem })
  })
})

describe('parseResponseMode, parseDisplay', () => {
  it('know their values and a default', () => {
    expect(parseResponseMode(undefined)).toBe('query')
    expect(parseResponseMode('form_post')).toBe('form_post')
    expect(parseDisplay(undefined)).toBe('page')
    expect(parseDisplay('wap')).toBe('wap')
  })

  it.each(['bogus', 'Query', 'query ', '', '__proto__', 'fragment'])('AZ-13: refuse %j', (text) => {
    expect(parseResponseMode(text)).toEqual({ problem: 'unknown_value' })
    expect(parseDisplay(text)).toEqual({ problem: 'unknown_value' })
  })
})

describe('parseAcrValues (OIDC Core §3.1.2.1)', () => {
  it('gives each value once, at most 20 of them', () => {
    expect(parseAcrValues(undefined)).toEqual([])
    expect(parseAcrValues('urn:a urn:b  urn:a')).toEqual(['urn:a', 'urn:b'])
    expect(parseAcrValues(Array.from({ length: 50 }, (_, index) => `v${index}`).join(' '))).toHaveLength(20)
  })
})

describe('all of them', () => {
  it('never throw', () => {
    const anyText = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes))
    const likely = fc
      .array(fc.constantFrom('none', 'login', ' ', '0', '9', 'query', '-'))
      .map((words) => words.join(''))
    fc.assert(
      fc.property(fc.oneof(anyText, likely), (text) => {
        for (const parse of [parsePrompt, parseMaxAge, parseResponseMode, parseDisplay, parseAcrValues])
          parse(text)
      }),
    )
  })
})
