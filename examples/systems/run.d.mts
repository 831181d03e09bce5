export function programs(demo: {
  readonly url: string
  readonly first: Readonly<Record<string, string>>
}): Readonly<
  Record<
    string,
    {
      readonly folder: string
      readonly args: string[]
      readonly env: Readonly<Record<string, string | undefined>>
    }
  >
>
