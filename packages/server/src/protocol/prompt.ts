import type { Problem } from './types.ts'

/** OIDC Core §3.1.2.1; `create` is of Initiating User Registration via OpenID Connect 1.0 §4. */
export const promptValues = ['none', 'login', 'consent', 'select_account', 'create'] as const
export type Prompt = (typeof promptValues)[number]

export type PromptProblem = Problem<'unknown_value' | 'none_with_others'>

/** The values of `prompt`, each once; none of them where the parameter is absent. `none` stands alone. */
export function parsePrompt(text: string | undefined): readonly Prompt[] | PromptProblem {
  if (text === undefined) return []
  // The longest valid value has every name once; what is longer is not worth splitting.
  if (text.length > 200) return { problem: 'unknown_value' }
  const prompts: Prompt[] = []
  for (const word of text.split(' ')) {
    if (word === '') continue
    const prompt = promptValues.find((value) => value === word)
    if (prompt === undefined) return { problem: 'unknown_value' }
    if (!prompts.includes(prompt)) prompts.push(prompt)
  }
  return prompts.includes('none') && prompts.length > 1 ? { problem: 'none_with_others' } : prompts
}
