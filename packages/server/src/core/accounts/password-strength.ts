import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

const estimator = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
})

/** Past this the estimate would take long and change nothing. */
const MAX_ESTIMATED = 100

/** How soon a password would be guessed, 0 … 4, and whether it is one from the lists. Loads 9 MB: import it lazily. */
export function scorePassword(
  password: string,
  personal: readonly string[],
): { score: number; common: boolean } {
  const result = estimator.check(
    password.slice(0, MAX_ESTIMATED),
    personal.flatMap((text) => [text, ...text.split(/[\s@.]+/)]),
  )
  const whole = result.sequence.length === 1 ? result.sequence[0] : undefined
  return { score: result.score, common: whole?.pattern === 'dictionary' || whole?.pattern === 'repeat' }
}
