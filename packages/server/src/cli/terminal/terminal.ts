import colors from 'picocolors'

export type Colors = ReturnType<typeof colors.createColors>

/** All that a verb knows of the world around it. Tests hand in their own. */
export interface Terminal {
  /** Results. */
  out(text: string): void
  /** Progress, questions, warnings and errors. */
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard output is a terminal. */
  readonly isTTY: boolean
  /** Somebody can answer questions. */
  readonly canAsk: boolean
  readonly columns: number
  readonly colors: Colors
  /** Standard input to its end. */
  readStdin(): Promise<string>
  /** Asks on the terminal without showing what is typed; `undefined` where the person gave up. */
  askSecret(question: string): Promise<string | undefined>
  /** Yes or no; `false` where the person gave up. */
  askYes(question: string): Promise<boolean>
}

const WIDEST = 110

/** The terminal that this process runs in. Colours: as NO_COLOR and FORCE_COLOR say, else on a terminal. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  const isTTY = stdout.isTTY === true
  // Whoever reads may have enough: pixy client list | head -1
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const wantsColor = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : isTTY && env.TERM !== 'dumb'
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    isTTY,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    columns: Math.min(stdout.columns ?? 100, WIDEST),
    colors: colors.createColors(wantsColor && !env.NO_COLOR),
    async readStdin() {
      const chunks: Buffer[] = []
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks).toString('utf8')
    },
    async askSecret(question) {
      const { isCancel, password } = await import('@clack/prompts')
      const answer = await password({ message: question, output: stderr })
      return isCancel(answer) ? undefined : answer
    },
    async askYes(question) {
      const { confirm, isCancel } = await import('@clack/prompts')
      const answer = await confirm({ message: question, initialValue: false, output: stderr })
      return isCancel(answer) ? false : answer
    },
  }
}
