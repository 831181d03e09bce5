import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../packages/server/bin/pixy.mjs', import.meta.url))

export interface ServerOptions {
  readonly configFile: string
  readonly dataFolder: string
  readonly port: number
}

/** `pixy start` in a process of its own. */
export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #errors = ''

  constructor(options: ServerOptions) {
    this.#options = options
  }

  /** Resolves with the milliseconds it took to be ready. @throws where it ends instead, with what it said */
  async start(): Promise<number> {
    const began = performance.now()
    const { configFile, dataFolder, port } = this.#options
    const child = spawn(
      process.execPath,
      [BIN, 'start', '--config', configFile, '--data', dataFolder, '--port', String(port)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, PIXY_LOG_LEVEL: 'error' },
      },
    )
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000)
    })
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.includes('"event":"ready"')) resolve()
        else this.#errors = `${this.#errors}${line}\n`.slice(-4000)
      })
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${this.#errors}`)))
    })
    return performance.now() - began
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}
