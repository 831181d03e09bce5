import type { z } from 'zod'
import { describeIssues, formatProblems } from '../config/problems.ts'
import type { Deps } from '../core/ports.ts'
import { AdminError } from './admin-error.ts'

/** What operations work with: a part of core's `Deps`, which a program beside the server can make too. */
export interface AdminDeps
  extends Pick<Deps, 'store' | 'vault' | 'random' | 'clock' | 'hasher' | 'workspaces'> {
  /** Where events wait to be stored: asked to store them before somebody reads. */
  readonly flowEvents?: { flush(): Promise<void> }
  /** Where deviations are counted before they are stored. */
  readonly deviations?: Pick<Deps['deviations'], 'flush'>
}

/** One thing an operator can do, whoever asks for it. */
export interface Operation<Input, Output> {
  /** `noun.verb` */
  readonly name: string
  /** One sentence, for help and API documentation. */
  readonly summary: string
  /** Changes something that running servers keep in memory or in the database. */
  readonly writes: boolean
  readonly input: z.ZodType<unknown, Input>
  /** @throws {AdminError} where the input is not what the schema says, and where the operation refuses */
  run(deps: AdminDeps, input: unknown): Promise<Output>
}

/** Makes an operation whose `run` parses its input first. */
export function defineOperation<Schema extends z.ZodType, Output>(definition: {
  readonly name: string
  readonly summary: string
  readonly writes: boolean
  readonly input: Schema
  run(deps: AdminDeps, input: z.output<Schema>): Promise<Output>
}): Operation<z.input<Schema>, Output> {
  return {
    name: definition.name,
    summary: definition.summary,
    writes: definition.writes,
    input: definition.input as unknown as z.ZodType<unknown, z.input<Schema>>,
    async run(deps, input) {
      const parsed = definition.input.safeParse(input)
      if (!parsed.success) throw inputError(definition.input, input, parsed.error)
      return definition.run(deps, parsed.data)
    },
  }
}

function inputError(schema: z.ZodType, input: unknown, error: z.ZodError): AdminError {
  const problems = formatProblems(describeIssues(error.issues, input, schema))
  return new AdminError('input_invalid', 'The input is not what this operation takes.', { problems })
}
