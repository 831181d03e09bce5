import { describe, expect, it } from 'vitest'
import {
  fillPlaceholders,
  foreignPlaceholders,
  isScopePattern,
  parseScopePattern,
  patternsOverlap,
  type ScopePattern,
} from './dynamic-scope.ts'
import { isProblem } from './types.ts'

function pattern(name: string): ScopePattern {
  const parsed = parseScopePattern(name)
  if (isProblem(parsed)) throw new Error(`${name}: ${parsed.problem}`)
  return parsed
}

describe('dynamic scopes (RFC 6749 §3.3)', () => {
  it('S3-25 take out the values of a requested scope', () => {
    expect(pattern('transfers.{account}').match('transfers.12345')).toEqual({ account: '12345' })
    expect(pattern('acct/{bank}/{account}:read').match('acct/at-1/IBAN:7:read')).toEqual({
      bank: 'at-1',
      account: 'IBAN:7',
    })
    expect(pattern('pay.{id}').match(`pay.${'x'.repeat(64)}`)).toEqual({ id: 'x'.repeat(64) })
  })

  it.each([
    ['no value', 'transfers.'],
    ['a value of 65 characters', `transfers.${'x'.repeat(65)}`],
    ['a dot', 'transfers.1.2'],
    ['a blank', 'transfers.1 2'],
    ['a quotation mark', 'transfers."'],
    ['braces', 'transfers.{account}'],
    ['a star', 'transfers.*'],
    ['a percent sign', 'transfers.%31'],
    ['a slash', 'transfers.1/2'],
    ['what is not ASCII', 'transfers.１２'],
    ['a line break behind it', 'transfers.1\n'],
    ['text in front', 'xtransfers.1'],
    ['another character where the dot is', 'transfersX1'],
    ['upper case', 'Transfers.1'],
  ])('S3-25 do not match %s', (_what, scope) => {
    expect(pattern('transfers.{account}').match(scope)).toBeUndefined()
  })

  it('take every character of the text as itself', () => {
    expect(pattern('a.b+c(d)[e]^$|{x}').match('a.b+c(d)[e]^$|1')).toEqual({ x: '1' })
    expect(pattern('a.b+c(d)[e]^$|{x}').match('aXbbc(d)[e]^$|1')).toBeUndefined()
  })

  it('keep a placeholder apart from members that every object has', () => {
    expect(pattern('a.{constructor}').match('a.1')?.constructor).toBe('1')
    expect(fillPlaceholders('{constructor} {x}', { x: '1' })).toBe('{constructor} 1')
  })

  it.each([
    ['a.{b', 'braces'],
    ['a.b}', 'braces'],
    ['a.{{b}}', 'braces'],
    ['a.{b}}', 'braces'],
    ['a.{}', 'placeholder_name'],
    ['a.{B}', 'placeholder_name'],
    ['a.{1}', 'placeholder_name'],
    ['a.{b c}', 'placeholder_name'],
    ['a.{b*}', 'placeholder_name'],
    [`a.{${'b'.repeat(33)}}`, 'placeholder_name'],
    ['a.{b}.{b}', 'placeholder_twice'],
    ['a.{b}.{c}.{d}.{e}.{f}', 'too_many'],
    ['{b}', 'no_prefix'],
    ['{b}.read', 'no_prefix'],
    ['a.{b}{c}', 'no_separator'],
    ['a.{b}:{c}', 'no_separator'],
    ['a.{b}-x-{c}', 'no_separator'],
  ])('refuse %s: %s', (name, problem) => {
    expect(isScopePattern(name)).toBe(true)
    expect(parseScopePattern(name)).toEqual({ problem })
  })

  it('are told from plain names by their braces', () => {
    expect(isScopePattern('notes:read')).toBe(false)
    expect(isScopePattern('transfers.{account}')).toBe(true)
  })

  it.each([
    ['transfers.{a}', 'transfers.{b}', true],
    ['transfers.{a}', 'transfers.x{b}', true],
    ['transfers.{a}', 'transfers.{b}:read', true],
    ['transfers.{a}:read', 'transfers.{b}:write', false],
    ['transfers.{a}', 'transfers.{b}.{c}', false],
    ['transfers.{a}', 'payments.{a}', false],
    ['t.{a}.x{b}', 't.1{a}.{b}', true],
    ['t.{a}', 'tx{a}', false],
    ['t:{a}', 't{a}', true],
  ])('%s and %s overlap: %s', (one, other, overlap) => {
    expect(patternsOverlap(pattern(one), pattern(other))).toBe(overlap)
    expect(patternsOverlap(pattern(other), pattern(one))).toBe(overlap)
  })

  it('S3-25 fill their values into a text, and leave other braces alone', () => {
    const text = 'Transfer from {account} ({currency}) {account}'
    expect(fillPlaceholders(text, { account: '12345' })).toBe('Transfer from 12345 ({currency}) 12345')
    expect(foreignPlaceholders(text, pattern('transfers.{account}'))).toEqual(['currency'])
  })

  it('match hostile input in no time', () => {
    const many = pattern('a.{b}.{c}.{d}.{e}')
    const before = process.cpuUsage().user
    for (let i = 0; i < 1000; i++) many.match(`a.${'x'.repeat(64)}.${'y'.repeat(4000)}`)
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000)
  })
})
