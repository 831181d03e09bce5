import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const examples = fileURLToPath(new URL('../../examples/systems/', import.meta.url))

/** A program of `examples/systems/`, running as a process of its own. */
export class Program {
  readonly #child: ChildProcess
  #printed = ''
  #read = 0
  readonly #exit: Promise<number | null>
  #wake = () => {}

  constructor(folder: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH = '' } = process.env
    this.#child = spawn(process.execPath, args, { cwd: examples + folder, env: { PATH, ...env } })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#printed += chunk
        this.#wake()
      })
    }
    this.#exit = once(this.#child, 'close').then(([code]) => {
      this.#wake()
      return code as number | null
    })
  }

  /** All that it printed so far, on both streams. */
  get printed(): string {
    return this.#printed
  }

  /**
   * Waits until it printed this after the last match, and resolves with the first group.
   *
   * @throws where it ends without
   */
  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#printed.slice(this.#read))
      if (match) {
        this.#read += match.index + match[0].length
        return match[1] ?? match[0]
      }
      if (this.#child.exitCode !== null) throw new Error(`it ended without ${pattern}: ${this.#printed}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Its exit code, when it is through. */
  ends(): Promise<number | null> {
    return this.#exit
  }

  async stop(): Promise<void> {
    this.#child.kill()
    await this.#exit
  }
}
