import pino, { type Logger as Pino } from 'pino'
import type { Logger } from '../core/ports.ts'

/** Our tokens have prefixes so that this net catches them; nothing should ever reach it. */
const TOKENS = /pixy_(?:rt|at)_[A-Za-z0-9]+|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g

/** The password in a database URL; the drivers' errors are not of our making. */
const URL_PASSWORDS = /(\w+:\/\/[^\s:/@"]*):[^\s/@"]+@/g

export interface LogOptions {
  readonly level: string
  /** Called with each line instead of writing to standard output (tests, terminal). */
  readonly write?: (line: string) => void
}

/** JSON lines. Callers pass fields by name, never requests; the net under them takes out what looks like a token. */
export function createLogger({ level, write }: LogOptions): Logger & { readonly pino: Pino } {
  const destination = {
    write: (line: string) =>
      (write ?? writeOut)(line.replace(TOKENS, '[token]').replace(URL_PASSWORDS, '$1:[password]@')),
  }
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return {
    pino: logger,
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

function writeOut(line: string): void {
  process.stdout.write(line)
}
