import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../store.ts'
import { isUnavailable, unavailable } from './errors.ts'
import { Prepared } from './statements.ts'

interface Operation {
  /** Runs between BEGIN and COMMIT, so it must not wait for anything. */
  readonly run: () => unknown
  readonly savepoint: boolean
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  /** What to tell the caller, once the transaction has ended. */
  settle: () => void
}

/**
 * As many operations as one transaction takes before it runs at once, so that memory and waiting stay
 * bounded.
 */
const LARGEST_BATCH = 256

/**
 * Writes that arrive in the same turn of the event loop share one transaction: a commit waits for the disk,
 * and that wait costs the same for one operation as for fifty. A promise resolves after COMMIT, so nothing is
 * acknowledged that a crash could lose. A batch runs without a pause, so reads on the same connection never
 * see what is uncommitted.
 */
export class GroupCommit {
  readonly #db: DatabaseSync
  readonly #begin: Prepared
  readonly #commit: Prepared
  readonly #savepoint: Prepared
  readonly #release: Prepared
  readonly #undo: Prepared
  #waiting: Operation[] = []
  #scheduled = false
  #closed = false
  #held: Promise<unknown> | undefined

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#begin = new Prepared(db, 'begin immediate')
    this.#commit = new Prepared(db, 'commit')
    this.#savepoint = new Prepared(db, 'savepoint operation')
    this.#release = new Prepared(db, 'release operation')
    this.#undo = new Prepared(db, 'rollback to operation')
  }

  /** One statement: SQLite undoes it by itself where it fails. */
  statement<T>(run: () => T): Promise<T> {
    return this.#submit(run, false)
  }

  /** Several statements, all or none: what they did is undone where `run` throws. */
  statements<T>(run: () => T): Promise<T> {
    return this.#submit(run, true)
  }

  /** Runs `work` while no batch does; writes that arrive meanwhile wait. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (this.#held) await this.#held
    if (this.#closed) throw closed()
    this.#flush()
    const working = work()
    const held = working.then(ignore, ignore)
    this.#held = held
    try {
      return await working
    } finally {
      this.#held = undefined
      this.#schedule()
    }
  }

  /** Commits what waits; later writes are refused. */
  async close(): Promise<void> {
    await new Promise(setImmediate) // Kysely takes a few turns to hand over a write that was already called
    this.#closed = true
    while (this.#held) await this.#held
    this.#flush()
  }

  #submit<T>(run: () => T, savepoint: boolean): Promise<T> {
    if (this.#closed) return Promise.reject(closed())
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, savepoint, resolve, reject, settle: ignore })
      if (this.#waiting.length >= LARGEST_BATCH) this.#flush()
      else this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#held || this.#waiting.length === 0) return
    const batch = this.#waiting
    this.#waiting = []
    try {
      this.#begin.run()
      for (const operation of batch) this.#run(operation)
      this.#commit.run()
    } catch (error) {
      this.#rollBack()
      const reason = unavailable(error)
      for (const operation of batch) operation.reject(reason)
      return
    }
    for (const operation of batch) operation.settle()
  }

  /**
   * An operation that fails is the caller's alone; a database that fails, or ended the transaction, is
   * everybody's.
   */
  #run(operation: Operation): void {
    try {
      if (operation.savepoint) this.#savepoint.run()
      const value = operation.run() as never
      if (operation.savepoint) this.#release.run()
      operation.settle = () => operation.resolve(value)
    } catch (error) {
      if (isUnavailable(error) || !this.#db.isTransaction) throw error
      if (operation.savepoint) {
        this.#undo.run()
        this.#release.run()
      }
      operation.settle = () => operation.reject(error)
    }
  }

  #rollBack(): void {
    try {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('rollback')
    } catch {
      // SQLite has rolled back by itself, as after some errors (https://sqlite.org/lang_transaction.html)
    }
  }
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('The database is closed.')
}

function ignore(): void {}
