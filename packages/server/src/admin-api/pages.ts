const PAGE = 500

/** Everything a store lists, page by page, at most `limit`. */
export async function readAll<T>(
  limit: number,
  read: (page: { readonly limit: number; readonly after: string | undefined }) => Promise<readonly T[]>,
  idOf: (item: T) => string,
): Promise<readonly T[]> {
  const all: T[] = []
  for (let after: string | undefined; all.length < limit; ) {
    const page = await read({ limit: Math.min(PAGE, limit - all.length), after })
    all.push(...page)
    const last = page.at(-1)
    if (!last || page.length < PAGE) break
    after = idOf(last)
  }
  return all
}
