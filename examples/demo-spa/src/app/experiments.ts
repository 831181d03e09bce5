import type { Experiment, ExperimentGroup } from './experiment.ts'
import { apiExperiments } from './experiments-api.ts'
import { authorizeExperiments } from './experiments-authorize.ts'
import { tokenExperiments } from './experiments-token.ts'

export const groups: readonly ExperimentGroup[] = [
  { title: 'The request for a code', experiments: authorizeExperiments },
  { title: 'The code and the verifier', experiments: tokenExperiments },
  { title: 'Tokens in use', experiments: apiExperiments },
]

export function findExperiment(id: string | undefined): Experiment | undefined {
  return groups.flatMap(({ experiments }) => experiments).find((experiment) => experiment.id === id)
}
