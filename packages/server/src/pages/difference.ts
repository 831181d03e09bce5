/** A text cut where it differs from another. */
export interface Difference {
  readonly same: string
  readonly differs: string
  readonly sameAgain: string
}

/** What `text` has in common with `other` at both ends, and what is its own between. */
export function difference(text: string, other: string): Difference {
  const a = [...text]
  const b = [...other]
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return {
    same: a.slice(0, start).join(''),
    differs: a.slice(start, a.length - end).join(''),
    sameAgain: a.slice(a.length - end).join(''),
  }
}

/** The one of `candidates` that `text` comes nearest to. */
export function nearest(text: string, candidates: readonly string[]): string {
  const inCommon = (candidate: string): number => {
    const { same, sameAgain } = difference(candidate, text)
    return same.length + sameAgain.length
  }
  return candidates.reduce(
    (best, candidate) => (inCommon(candidate) > inCommon(best) ? candidate : best),
    candidates[0] ?? '',
  )
}
