const LIMIT = 500

/**
 * Names under which each connection prepares a statement once. Lists of values make many texts, so it is bounded: what
 * comes later is not prepared.
 */
export class StatementNames {
  readonly #names = new Map<string, string>()

  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= LIMIT) return known
    const name = `pixy_${this.#names.size}`
    this.#names.set(text, name)
    return name
  }
}
