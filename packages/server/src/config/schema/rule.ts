/** Says that the value at `path` breaks a rule. `message` begins after the path and ends with the fix. */
export type Report = (path: readonly (string | number)[], message: string) => void

interface RefinementContext {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void
}

/**
 * The arguments of zod's `superRefine` for rules between members. They run also on a value some of whose members are
 * wrong (`when`), so `check` takes nothing for granted.
 */
export function rules(check: (value: unknown, report: Report) => void) {
  const refine = (value: unknown, context: RefinementContext): void =>
    check(value, (path, message) => context.addIssue({ code: 'custom', path: [...path], message }))
  return [refine, { when: () => true }] as const
}
