import { describe, expect, it } from 'vitest'
import { aFlowEvent, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { type Engine, times, withStore } from './harness.ts'

export function flowEventContract(engine: Engine): void {
  describe('flow events', () => {
    it(
      'of a flow are found in the order in which they happened, also within one second',
      withStore(engine, async ({ flowEvents }) => {
        const flowId = 'flow_a'
        const first = times(3, () => aFlowEvent({ flowId }))
        const then = times(3, () =>
          aFlowEvent({ flowId, at: NOW + 1, clientId: null, reason: 'code_expired' }),
        )
        await flowEvents.insertMany([...first, aFlowEvent(), ...then.slice(0, 1)])
        await flowEvents.insertMany(then.slice(1))
        expect(await flowEvents.findByFlow(flowId)).toEqual([...first, ...then])
      }),
    )

    it(
      'are found by their own id as well, in any workspace',
      withStore(engine, async ({ flowEvents }) => {
        const event = aFlowEvent({ workspaceId: OTHER_WORKSPACE })
        await flowEvents.insertMany([aFlowEvent(), event])
        expect(await flowEvents.findByFlow(event.eventId)).toEqual([event])
        expect(await flowEvents.findByFlow('evt_unknown')).toEqual([])
      }),
    )

    it(
      'are listed newest first, of one workspace or of all, up to the limit',
      withStore(engine, async ({ flowEvents }) => {
        const events = times(6, (index) =>
          aFlowEvent({ at: NOW + index, workspaceId: index % 2 === 0 ? WORKSPACE : OTHER_WORKSPACE }),
        )
        await flowEvents.insertMany(events)
        expect(await flowEvents.list(null, 4)).toEqual(events.toReversed().slice(0, 4))
        const here = events.filter(({ workspaceId }) => workspaceId === WORKSPACE).toReversed()
        expect(await flowEvents.list(WORKSPACE, 2)).toEqual(here.slice(0, 2))
      }),
    )

    it(
      'of one flow are at most 500, and none or the same again are harmless',
      withStore(engine, async ({ flowEvents }) => {
        const flowId = 'flow_long'
        const events = times(510, (index) => aFlowEvent({ flowId, at: NOW + index }))
        await flowEvents.insertMany(events)
        await flowEvents.insertMany([])
        await flowEvents.insertMany(events.slice(0, 5))
        expect(await flowEvents.findByFlow(flowId)).toEqual(events.slice(0, 500))
      }),
    )
  })
}
