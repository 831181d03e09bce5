import { stateAt } from '../../core/keys/rotation.ts'
import { duration } from '../terminal/time.ts'
import { type Check, type Finding, findings } from './finding.ts'

const OLD = 90 * 86_400

/** Every algorithm has a key that signs, and none signs for ever. */
export const checkKeys: Check = async ({ deps, now }) => {
  const { ok, warning, error } = findings('keys')
  if (!deps) return []
  const found: Finding[] = []
  for (const { id, settings } of deps.workspaces.list()) {
    const keys = await deps.store.keys.list(id)
    for (const alg of settings.signing_algs) {
      const active = keys.find((key) => key.alg === alg && stateAt(key, keys, now) === 'active')
      if (!active) {
        found.push(
          error(
            `${id} has no ${alg} key that signs`,
            `pixy keys rotate --now --alg ${alg} --workspace ${id}`,
          ),
        )
        continue
      }
      const age = now - active.activateAt
      const text = `${id}: ${alg} ${active.kid} signs for ${duration(age)}`
      found.push(age > OLD ? warning(text, `pixy keys rotate --alg ${alg} --workspace ${id}`) : ok(text))
    }
  }
  return found
}
