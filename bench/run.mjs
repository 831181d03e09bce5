// npm run bench: Pixy beside oidc-provider, interleaved, in one run.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { Client, scenarios } from './scenarios.mjs'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '2' },
    algs: { type: 'string', default: 'ES256,RS256' },
    only: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (flags.help) {
  console.log(
    'npm run bench -- [--seconds 3] [--concurrency 32] [--rounds 2] [--algs ES256,RS256] [--only exchange,refresh] [--out FILE]',
  )
  process.exit(0)
}
const seconds = Number(flags.seconds)
const concurrency = Number(flags.concurrency)
const names = Object.keys(scenarios).filter((name) => !flags.only || flags.only.split(',').includes(name))
const folder = mkdtempSync(join(tmpdir(), 'pixy-bench-'))
const lines = []
let port = 47_100

try {
  print(
    `${cpus().length} cores, Node ${process.version}, concurrency ${concurrency}, ${flags.rounds} rounds of ${seconds} s, SQLite with durable commits, opaque access tokens`,
  )
  for (const alg of flags.algs.split(',')) await compare(alg)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (flags.out) writeFileSync(flags.out, `${lines.join('\n')}\n`)

async function compare(alg) {
  const pixy = await start('pixy', alg)
  const other = await start('oidc-provider', alg)
  try {
    print(`\n### ${alg}\n`)
    print(
      '| scenario | Pixy /s | oidc-provider /s | ratio | Pixy p50 / p99 ms | oidc-provider p50 / p99 ms | CPU ms per request (Pixy, oidc-provider) |',
    )
    print('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
    for (const name of names) {
      const results = { pixy: [], other: [] }
      for (let round = 0; round < Number(flags.rounds); round++) {
        results.pixy.push(await measure(pixy, scenarios[name]))
        results.other.push(await measure(other, scenarios[name]))
      }
      const [a, b] = [summary(results.pixy), summary(results.other)]
      print(
        `| ${name} | ${a.rate.toFixed(0)} | ${b.rate.toFixed(0)} | **${(a.rate / b.rate).toFixed(1)}×** | ${a.p50.toFixed(1)} / ${a.p99.toFixed(1)} | ${b.p50.toFixed(1)} / ${b.p99.toFixed(1)} | ${a.cpu.toFixed(2)}, ${b.cpu.toFixed(2)} |`,
      )
    }
    const [mine, theirs] = [await usage(pixy), await usage(other)]
    print(`\nMemory after the run: Pixy ${mb(mine.rss)} MB, oidc-provider ${mb(theirs.rss)} MB`)
  } finally {
    await Promise.all([stop(pixy), stop(other)])
  }
}

async function start(name, alg) {
  port += 1
  const child = fork(new URL(`servers/${name}.mjs`, import.meta.url), {
    env: { ...process.env, PORT: String(port), ALG: alg, DATABASE: join(folder, `${name}-${alg}.db`) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const { endpoints } = await message(child)
  const pool = new Pool(`http://localhost:${port}`, {
    connections: concurrency,
    pipelining: 1,
    connect: { host: '127.0.0.1' },
  })
  const client = new Client(pool, endpoints)
  await client.signIn()
  return { name, child, pool, client }
}

async function stop({ child, pool }) {
  await pool.close()
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
}

/** One round: `concurrency` workers call the scenario for `seconds`, after a short warm-up. */
async function measure({ client, child }, scenario) {
  const shared = scenario.shared ? await scenario.shared(client) : undefined
  const chains = scenario.chain
    ? await Promise.all(Array.from({ length: concurrency }, () => scenario.chain(client)))
    : []
  const stock = []
  if (scenario.stock) {
    // Codes live for a minute: as many as the round can use at the most, made just before it.
    const wanted = Math.ceil(8000 * seconds)
    const until = performance.now() + Math.min(30_000, seconds * 5000)
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (stock.length < wanted && performance.now() < until) stock.push(await scenario.stock(client))
      }),
    )
  }
  const durations = []
  const before = await usage({ child })
  const began = performance.now()
  const end = began + seconds * 1000
  await Promise.all(
    Array.from({ length: concurrency }, async (_, worker) => {
      let carried = chains[worker]
      while (performance.now() < end) {
        const item = scenario.stock ? stock.pop() : (carried ?? shared)
        if (scenario.stock && item === undefined) return
        const at = performance.now()
        const result = await scenario.run(client, item)
        durations.push(performance.now() - at)
        if (scenario.chain) carried = result
      }
    }),
  )
  const elapsed = performance.now() - began
  const after = await usage({ child })
  const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000
  durations.sort((a, b) => a - b)
  const at = (share) => durations[Math.min(durations.length - 1, Math.floor(durations.length * share))]
  return {
    rate: (durations.length / elapsed) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    cpu: cpu / durations.length,
  }
}

function summary(results) {
  const mean = (member) => results.reduce((sum, result) => sum + result[member], 0) / results.length
  return { rate: mean('rate'), p50: mean('p50'), p99: mean('p99'), cpu: mean('cpu') }
}

function usage({ child }) {
  child.send('usage')
  return message(child)
}

function message(child) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`a server ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (received) => {
      child.off('exit', ended)
      resolve(received)
    })
  })
}

function mb(bytes) {
  return (bytes / 1_048_576).toFixed(0)
}

function print(line) {
  console.log(line)
  lines.push(line)
}
