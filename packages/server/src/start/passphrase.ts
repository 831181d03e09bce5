import type { Random } from '../core/ports.ts'

const ADJECTIVES =
  'amber brave calm clever crisp eager early fancy gentle golden happy humble jolly kind lively lucky mellow merry mighty modest noble patient plain polite proud quick quiet rapid ready rosy sharp shiny silent smooth snowy solid steady sunny swift tidy warm wise witty young zesty bright'.split(
    ' ',
  )
const ANIMALS =
  'badger beaver bison camel cobra crane deer dove eagle falcon ferret finch fox gecko goose hare heron ibex jay koala lark lemur lion llama lynx magpie mole moose newt otter owl panda puffin quail rabbit raven robin salmon seal shrew stork swan tapir tiger toad trout turtle walrus wren'.split(
    ' ',
  )
const VERBS =
  'bakes builds carries catches climbs cooks counts draws dreams drives finds fixes follows gathers greets guards hides hums jumps keeps knits lifts likes makes mends mixes opens packs paints plants pours reads rides rolls sails sings skips sorts stacks tells throws tries tunes visits washes waters waves writes'.split(
    ' ',
  )
const THINGS =
  'apples baskets bells boats books bottles bread bridges bubbles buttons cakes candles carpets clocks clouds coats cups drums feathers fences flutes gardens gloves hats kites ladders lamps lemons letters maps mirrors mugs oranges pearls pencils pillows poems ribbons rivers shells shoes songs spoons stamps stones tables teapots violets windows'.split(
    ' ',
  )

/** Easy to read out and long enough: about 45 bits, such as `calm-otter-paints-violets-k7Qm4`. */
export function passphrase(random: Random): string {
  const words = [ADJECTIVES, ANIMALS, VERBS, THINGS].map((list) => pick(random, list))
  return [...words, random.alphanumeric(5)].join('-')
}

function pick(random: Random, words: readonly string[]): string {
  const [high = 0, low = 0] = random.bytes(2)
  return words[(high * 256 + low) % words.length] ?? ''
}
