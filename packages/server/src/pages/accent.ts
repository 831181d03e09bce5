/**
 * A workspace's accent colour, made legible: the button keeps the brand's colour with black or white on it, links and
 * focus rings get the nearest shade that reads on the page (WCAG 2.2 §1.4.3, §1.4.11).
 */
type Rgb = readonly [number, number, number]

/** What `pages.css` paints on: page, card, wash. The shade must read on all. */
const LIGHT_GROUNDS: readonly Rgb[] = [parse('f6f7f9'), parse('ffffff')]
const DARK_GROUNDS: readonly Rgb[] = [parse('101318'), parse('191d24'), parse('20252e')]

const TEXT_CONTRAST = 4.5
const EDGE_CONTRAST = 3

export interface AccentShades {
  /** Of the button. */
  readonly accent: string
  /** Of the text on it: black or white. */
  readonly onAccent: string
  /** Of links and the focus ring: at least 4.5:1 on whatever is behind them. */
  readonly link: string
  /** Of the button's border: at least 3:1, so that a pale button on a pale card still has a shape. */
  readonly edge: string
}

/** `rrggbb` of a configured `#rrggbb`, or null where it is none. */
export function parseAccent(text: string | undefined): string | null {
  return text && /^#[0-9a-f]{6}$/i.test(text) ? text.slice(1).toLowerCase() : null
}

export function accentShades(hex: string, scheme: 'light' | 'dark'): AccentShades {
  const colour = parse(hex)
  const grounds = scheme === 'light' ? LIGHT_GROUNDS : DARK_GROUNDS
  const away: Rgb = scheme === 'light' ? BLACK : WHITE
  return {
    accent: format(colour),
    onAccent: contrast(colour, WHITE) >= contrast(colour, BLACK) ? format(WHITE) : format(BLACK),
    link: format(shade(colour, away, grounds, TEXT_CONTRAST)),
    edge: format(shade(colour, away, grounds, EDGE_CONTRAST)),
  }
}

/** The sheet that overrides the built-in accent; written like the colours in `pages.css`. */
export function accentSheet(hex: string): string {
  const light = accentShades(hex, 'light')
  const dark = accentShades(hex, 'dark')
  const declare = (value: (name: keyof AccentShades) => string): string =>
    `--accent:${value('accent')};--on-accent:${value('onAccent')};--link:${value('link')};--edge:${value('edge')}`
  return [
    `:root{${declare((name) => light[name])}}`,
    `@media (prefers-color-scheme:dark){:root{${declare((name) => dark[name])}}}`,
    `@supports (color:light-dark(#000,#fff)){:root{${declare((name) => `light-dark(${light[name]},${dark[name]})`)}}}`,
  ].join('\n')
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

export function parse(hex: string): Rgb {
  const value = Number.parseInt(hex, 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

const BLACK: Rgb = [0, 0, 0]
const WHITE: Rgb = [255, 255, 255]

/** The first step from `colour` towards black or white that has the contrast on all `grounds`; hue is kept as mixing keeps it. */
function shade(colour: Rgb, towards: Rgb, grounds: readonly Rgb[], wanted: number): Rgb {
  for (let step = 0; step < 100; step++) {
    const mixed = mix(colour, towards, step / 100)
    if (grounds.every((ground) => contrast(mixed, ground) >= wanted)) return mixed
  }
  return towards
}

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const channel = (i: 0 | 1 | 2): number => Math.round(from[i] + (to[i] - from[i]) * part)
  return [channel(0), channel(1), channel(2)]
}

/** WCAG 2.2, "relative luminance". */
function luminance([r, g, b]: Rgb): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

function linear(channel: number): number {
  const value = channel / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function format(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
