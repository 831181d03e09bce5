const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** Seconds, or text such as `90s`, `10m`, `1h30m`, `91d`; a leading `-` goes back. @throws {RangeError} */
export function seconds(duration: number | string): number {
  if (typeof duration === 'number') return duration
  const match = /^(-?)((?:\d+[smhdw])+)$/.exec(duration.trim())
  if (!match) throw new RangeError(`not a duration: ${duration} (write 90s, 10m, 1h30m, 91d)`)
  let total = 0
  for (const [, count, unit] of (match[2] ?? '').matchAll(/(\d+)([smhdw])/g)) {
    total += Number(count) * UNITS[unit as keyof typeof UNITS]
  }
  return match[1] === '-' ? -total : total
}
