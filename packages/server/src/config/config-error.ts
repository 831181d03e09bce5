/**
 * The configuration cannot be used (exit code 3). Holds every problem that was found, one line each: where it is, what
 * was received, what is expected, and the fix. No line holds a secret.
 */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems
  }
}
