/** Redeems codes, eight at a time, until it is killed: see `sqlite-commits.test.ts`. */
import { writeSync } from 'node:fs'
import { redeem, toIssue } from '../../src/store/contract/issue.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'

const [, , path] = process.argv
if (path === undefined) throw new Error('writer.ts <file>')
const store = await openSqlite({ path })

async function redeemForEver(): Promise<never> {
  for (;;) {
    const issued = toIssue({})
    const hash = crypto.randomUUID()
    const code = { ...issued.code, codeHash: hash }
    await store.codes.insert(code)
    await redeem(store, {
      code,
      grant: { ...issued.grant, grantId: hash },
      family: { ...issued.family, familyHash: hash, grantId: hash },
      token: { ...issued.token, tokenHash: hash, grantId: hash },
    })
    writeSync(1, `${hash}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, redeemForEver))
