/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** It cannot start, and the message says why and what to do: exit code 1. */
export class StartError extends Error {
  override name = 'StartError'
}
