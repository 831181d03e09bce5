import { afterAll, describe, expect, it } from 'vitest'
import { accessibility } from './suites/accessibility.ts'
import { accounts } from './suites/accounts.ts'
import { demo } from './suites/demo.ts'
import { devices } from './suites/devices.ts'
import { experiments } from './suites/experiments.ts'
import { policy } from './suites/policy.ts'
import { tabsAndHistory } from './suites/tabs-and-history.ts'
import { withoutScript } from './suites/without-script.ts'
import { openWorld } from './support/world.ts'

// One file, so that all suites share a server and a Chromium; `-t "the demo"` runs one of them.
const world = await openWorld()
afterAll(() => world.close())

describe('the demo, from click to token', () => demo(world))
describe('the demo, broken on purpose', () => experiments(world))
describe('tabs, Back, reload, languages', () => tabsAndHistory(world))
describe('accounts and sessions', () => accounts(world))
describe('devices without a browser', () => devices(world))
describe('without script, and without a mouse', () => withoutScript(world))
describe('content security policy', () => policy(world))
describe('for everyone', () => accessibility(world))

it('nothing above broke a policy of its page, or a script', () => {
  expect(world.chromium.complaints).toEqual([])
})
