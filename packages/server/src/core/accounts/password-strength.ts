import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

const estimator = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
  l33tMaxSubstitutions: 5,
})

/**
 * Security: the estimate runs on the one thread that serves everybody, and grows with the square of the password and
 * with every word. A hundred characters took seconds; what lies past these limits does not make a password guessable.
 */
const MAX_ESTIMATED = 40
const MAX_WORDS = 20
const MAX_WORD = 50

/** How soon a password would be guessed, 0 … 4, and whether it is one from the lists. Loads 9 MB: import it lazily. */
export function scorePassword(
  password: string,
  personal: readonly string[],
): { score: number; common: boolean } {
  const result = estimator.check(
    password.slice(0, MAX_ESTIMATED),
    personal.flatMap(wordsOf).slice(0, MAX_WORDS),
  )
  const whole = result.sequence.length === 1 ? result.sequence[0] : undefined
  return { score: result.score, common: whole?.pattern === 'dictionary' || whole?.pattern === 'repeat' }
}

function wordsOf(text: string): readonly string[] {
  const short = text.slice(0, 320)
  return [short, ...short.split(/[\s@.]+/, MAX_WORDS)].map((word) => word.slice(0, MAX_WORD))
}
