/**
 * The known name that was probably meant: equal but for case, `_` and `-`, or a few typing errors away. `undefined`
 * where nothing is near, so that the advice is never a guess.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined
  const plain = simplify(name)
  const same = known.find((candidate) => simplify(candidate) === plain)
  if (same !== undefined) return same
  let best: string | undefined
  let least = Math.max(1, Math.min(3, Math.floor(plain.length / 3))) + 1
  for (const candidate of known) {
    const found = distance(plain, simplify(candidate))
    if (found < least) {
      best = candidate
      least = found
    }
  }
  return best
}

/** The sentence to append to a message; empty where nothing is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const guess = nearest(name, known)
  return guess === undefined ? '' : ` Did you mean ${JSON.stringify(guess)}?`
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** Insertions, deletions, changes and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
