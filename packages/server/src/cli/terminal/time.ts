const UNITS: ReadonlyArray<readonly [name: string, seconds: number]> = [
  ['day', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]

/** `8 min`, `2 h 5 min`, `90 days`: the two largest units. */
export function duration(seconds: number): string {
  let rest = Math.round(Math.abs(seconds))
  const parts: string[] = []
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count === 0 && !(size === 1 && parts.length === 0)) continue
    parts.push(`${count} ${name === 'day' && count !== 1 ? 'days' : name}`)
    rest -= count * size
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

/** `in 8 min`, `3 h ago`, `now`. */
export function relative(at: number, now: number): string {
  const seconds = at - now
  if (seconds === 0) return 'now'
  return seconds > 0 ? `in ${duration(seconds)}` : `${duration(seconds)} ago`
}

/** `2026-03-01 12:04:11` in the time of this machine. */
export function dateTime(at: number): string {
  const date = new Date(at * 1000)
  if (Number.isNaN(date.getTime())) return String(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function timeOfDay(at: number): string {
  return dateTime(at).slice(11)
}
