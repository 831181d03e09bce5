import { describe, expect, it } from 'vitest'
import { aCode, anInteraction, NOW, OTHER_WORKSPACE, unique, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'

export function interactionContract(engine: Engine): void {
  describe('interactions', () => {
    it(
      'are found as they were inserted, in their workspace',
      withStore(engine, async ({ interactions }) => {
        const interaction = anInteraction({ clientId: null, request: '{"state":"\\u0000 ü"}' })
        await interactions.insert(interaction)
        expect(await interactions.find(WORKSPACE, interaction.flowId)).toEqual(interaction)
        expect(await interactions.find(OTHER_WORKSPACE, interaction.flowId)).toBeUndefined()
      }),
    )

    it(
      'advance from where the caller saw them, and not once they are finished',
      withStore(engine, async ({ interactions }) => {
        const { flowId } = await inserted(interactions)
        expect(await interactions.advance(WORKSPACE, flowId, '{}', '{"step":1}')).toBe(true)
        expect(await interactions.advance(WORKSPACE, flowId, '{}', '{"step":2}')).toBe(false)
        expect((await interactions.find(WORKSPACE, flowId))?.progress).toBe('{"step":1}')
        await interactions.finish(WORKSPACE, flowId, NOW, undefined)
        expect(await interactions.advance(WORKSPACE, flowId, '{"step":1}', '{"step":2}')).toBe(false)
        expect(await interactions.advance(WORKSPACE, 'nothing', '{}', '{}')).toBe(false)
      }),
    )

    it.each(CALLERS)('advance for one of %i callers who saw the same', (callers) =>
      withStore(engine, async ({ interactions }) => {
        const { flowId } = await inserted(interactions)
        const advance = (caller: number) =>
          interactions.advance(WORKSPACE, flowId, '{}', `{"caller":${caller}}`)
        expect(await winners(callers, advance)).toBe(1)
      })(),
    )

    it.each(CALLERS)('finish for one of %i callers, and store the code of that one only', (callers) =>
      withStore(engine, async ({ interactions, codes }) => {
        const { flowId } = await inserted(interactions)
        const offered = times(callers, () => aCode())
        expect(
          await winners(callers, (caller) => interactions.finish(WORKSPACE, flowId, NOW, offered[caller])),
        ).toBe(1)
        const stored = await Promise.all(offered.map(({ codeHash }) => codes.find(WORKSPACE, codeHash)))
        expect(stored.filter((code) => code !== undefined)).toHaveLength(1)
        expect((await interactions.find(WORKSPACE, flowId))?.finishedAt).toBe(NOW)
      })(),
    )

    it(
      'finish without a code, and neither what is not there nor what is elsewhere',
      withStore(engine, async ({ interactions }) => {
        const { flowId } = await inserted(interactions)
        expect(await interactions.finish(OTHER_WORKSPACE, flowId, NOW, undefined)).toBe(false)
        expect(await interactions.finish(WORKSPACE, unique('flow'), NOW, undefined)).toBe(false)
        expect(await interactions.finish(WORKSPACE, flowId, NOW, undefined)).toBe(true)
      }),
    )

    it(
      'stay unfinished where the code cannot be stored',
      withStore(engine, async ({ interactions, codes }) => {
        const { flowId } = await inserted(interactions)
        const taken = aCode()
        await codes.insert(taken)
        await expect(interactions.finish(WORKSPACE, flowId, NOW, taken)).rejects.toThrow()
        expect((await interactions.find(WORKSPACE, flowId))?.finishedAt).toBeNull()
        expect(await interactions.finish(WORKSPACE, flowId, NOW, aCode())).toBe(true)
      }),
    )
  })
}

async function inserted(interactions: { insert(record: ReturnType<typeof anInteraction>): Promise<void> }) {
  const interaction = anInteraction()
  await interactions.insert(interaction)
  return interaction
}
