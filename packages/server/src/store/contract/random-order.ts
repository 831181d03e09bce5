import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Authorization } from '../records.ts'
import type { Store } from '../store.ts'
import { aCode, aFamily, aGrant, anAuthorization, aRotation, unique } from './builders.ts'
import { type Engine, withStore } from './harness.ts'
import { IDLE, Model, ownerOf } from './model.ts'

const KEYS = ['0', '1', '2', '3', '4']

const key = fc.constantFrom(...KEYS)
/** Which of the tokens that a client may still hold is presented. */
const held = fc.constantFrom('current', 'previous', 'unknown')

const commands = fc.array(
  fc.oneof(
    fc.record({ run: fc.constant('insert' as const), key }),
    fc.record({ run: fc.constant('redeem' as const), key, capped: fc.boolean() }),
    fc.record({ run: fc.constant('rotate' as const), key, held }),
    fc.record({ run: fc.constant('slide' as const), key, held }),
    fc.record({ run: fc.constant('revoke' as const), key }),
    fc.record({
      run: fc.constant('revokeByUser' as const),
      userId: fc.constantFrom('user-0', 'user-1'),
      clientId: fc.constantFrom('client-0', 'client-1', null),
    }),
    fc.record({ run: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 50 }) }),
  ),
  { minLength: 5, maxLength: 60 },
)

type Command = typeof commands extends fc.Arbitrary<(infer Each)[]> ? Each : never

export function randomOrderContract(engine: Engine): void {
  describe('codes and refresh tokens', () => {
    it(
      'do as the model does, in any order',
      withStore(engine, async (store) => {
        await fc.assert(
          fc.asyncProperty(commands, async (sequence) => {
            const run = new Run(store)
            for (const command of sequence) await run.step(command)
            await run.compare()
          }),
          { numRuns: 60 },
        )
      }),
    )
  })
}

/** One sequence, in two workspaces of its own: all is done in the first, and the second must not notice. */
class Run {
  readonly #store: Store
  readonly #model = new Model()
  readonly #inserted = new Set<string>()
  readonly #workspaceId = unique('acme:run')
  readonly #untouched = unique('acme:untouched')

  constructor(store: Store) {
    this.#store = store
  }

  async step(command: Command): Promise<void> {
    const { codes, refreshTokens, grants } = this.#store
    const model = this.#model
    const [workspaceId, at] = [this.#workspaceId, model.now]
    const until = at + IDLE
    switch (command.run) {
      case 'wait':
        model.now += command.seconds
        return
      case 'insert':
        if (this.#inserted.has(command.key)) return
        this.#inserted.add(command.key)
        model.insert(command.key)
        for (const each of [workspaceId, this.#untouched]) await codes.insert(this.#code(each, command.key))
        return
      case 'redeem':
        return this.#redeem(command.key, command.capped)
      case 'rotate': {
        const presentedHash = this.#presented(command)
        const nextHash = unique('refresh')
        const rotation = aRotation(
          { currentHash: presentedHash },
          { nextHash, at, idleExpiresAt: until, grantExpiresAt: until },
        )
        const rotated = await refreshTokens.rotate(workspaceId, command.key, rotation)
        expect(rotated).toBe(model.rotate(command.key, presentedHash, nextHash))
        return
      }
      case 'slide': {
        const hash = this.#presented(command)
        const slid = await refreshTokens.slide(workspaceId, command.key, hash, at, until, until, undefined)
        expect(slid).toBe(model.slide(command.key, hash))
        return
      }
      case 'revoke':
        await grants.revoke(workspaceId, command.key, at, 'test')
        model.revoke(command.key)
        return
      case 'revokeByUser':
        await grants.revokeByUser(workspaceId, command.userId, command.clientId, at, 'test')
        model.revokeByUser(KEYS, command.userId, command.clientId)
    }
  }

  async compare(): Promise<void> {
    const { codes, refreshTokens, grants } = this.#store
    for (const each of KEYS) {
      const code = await codes.find(this.#workspaceId, each)
      expect(code && { expiresAt: code.expiresAt, consumedAt: code.consumedAt }).toEqual(
        this.#model.codes.get(each),
      )
      const { userId, ...family } = this.#model.grants.get(each) ?? {}
      const found = await refreshTokens.find(this.#workspaceId, each)
      expect(found?.grant.authorization.userId).toBe(userId)
      expect(found?.family ?? {}).toMatchObject(family)
      expect(await grants.find(this.#untouched, each)).toBeUndefined()
      expect((await codes.find(this.#untouched, each))?.consumedAt ?? null).toBeNull()
    }
  }

  async #redeem(each: string, capped: boolean): Promise<void> {
    const model = this.#model
    const [workspaceId, at] = [this.#workspaceId, model.now]
    const family = aFamily({
      workspaceId,
      familyHash: each,
      grantId: each,
      clientId: ownerOf(each).clientId,
      idleExpiresAt: at + IDLE,
      absoluteExpiresAt: capped ? at + 2 * IDLE : 0,
    })
    const { currentHash, idleExpiresAt, absoluteExpiresAt } = family
    const grant = aGrant({ workspaceId, grantId: each, authorization: this.#authorization(each) })
    const redeemed = await this.#store.codes.redeem(workspaceId, each, at, { grant, refreshFamily: family })
    const granted = { ...ownerOf(each), currentHash, idleExpiresAt, absoluteExpiresAt }
    expect(redeemed).toBe(model.redeem(each, granted))
  }

  #code(workspaceId: string, each: string) {
    const expiresAt = this.#model.codes.get(each)?.expiresAt ?? 0
    return aCode({
      workspaceId,
      codeHash: each,
      grantId: each,
      expiresAt,
      authorization: this.#authorization(each),
    })
  }

  #authorization(each: string): Authorization {
    return anAuthorization(ownerOf(each))
  }

  #presented(command: { readonly key: string; readonly held: string }): string {
    const grant = this.#model.grants.get(command.key)
    const hash = command.held === 'current' ? grant?.currentHash : grant?.previousHash
    return hash ?? 'unknown'
  }
}
