import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/compose.ts'
import { compareBytes } from '../../src/store/postgres/ddl.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { describePostgres, isPostgresUrl } from '../../src/store/postgres/url.ts'
import { NotOffered } from '../../src/store/store.ts'

const SECRET = 'hunter2-is-secret'

describe('a PostgreSQL URL', () => {
  it.each(['postgres://localhost/pixy', 'postgresql://u:p@h:5432/pixy'])('is %s', (url) => {
    expect(isPostgresUrl(url)).toBe(true)
  })

  it.each([
    [
      `postgres://pixy:${SECRET}@db.internal:5432/pixy?sslmode=require`,
      'PostgreSQL pixy on db.internal:5432',
    ],
    [`postgres://pixy:${SECRET}@with@signs@db/my%20db`, 'PostgreSQL my db on db'],
    ['postgres:///pixy?host=/var/run/postgresql', 'PostgreSQL pixy on /var/run/postgresql'],
    ['postgres://db', 'PostgreSQL on db'],
    ['postgres://', 'PostgreSQL on localhost'],
  ])('is shown without user and password: %s', (url, shown) => {
    expect(describePostgres(url)).toBe(shown)
  })

  it.each([
    `postgres://pixy:${SECRET}@[::1/pixy`,
    `postgres://pixy:%E0%A4%A@${SECRET}:70000/pixy`,
    `postgres://pixy:${SECRET}@db/pixy?pool_max=1`,
    `postgres://pixy:${SECRET}@db/pixy?pool_max=many`,
  ])('that cannot be read is a mistake of the configuration, and is not quoted: %s', async (url) => {
    const error = await openStore(url).then(
      (store) => store.close(),
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ name: 'ConfigError', problems: [expect.stringMatching(/^database: /)] })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(SECRET)
  })

  it('opens without connecting, and refuses a backup by naming the tool for it', async () => {
    const store = await openPostgres({ url: `postgres://pixy:${SECRET}@127.0.0.1:1/pixy` })
    const error = await store.backup('copy.db').catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(NotOffered)
    expect(String(error)).toMatch(/pg_dump --format=custom/)
    await store.close()
  })
})

describe('the columns of a table', () => {
  it.each([
    ['create table a (b text not null, c text, d text)', 3],
    ['create table a (\n  b text not null,\n  c text\n)', 2],
    ['alter table a add column actor text', 1],
    ['create index text on a (text)', 0],
    ['insert into a values (text)', 0],
    ['create table a (context text, text_id bigint)', 1],
  ])('compare text byte by byte: %s', (statement, count) => {
    expect(compareBytes(statement).split('text collate "C"')).toHaveLength(count + 1)
  })
})
