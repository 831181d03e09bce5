// One at a time: two commands started together must not install or build over each other.
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT = 1_000
const DEAD_AFTER = 15_000

/** Runs `work` while holding the lock file. A lock whose owner died is taken over. */
export async function withLock(file, work) {
  const owner = `${hostname()} ${process.pid}`
  let told = false
  while (!take(file, owner)) {
    if (isDead(file)) {
      rmSync(file, { force: true })
      continue
    }
    if (!told) console.error('Waiting for another pixy command to finish installing or building …')
    told = true
    await sleep(100)
  }
  const beat = setInterval(() => touch(file), BEAT)
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.removeListener('exit', release)
    release()
  }
}

function take(file, owner) {
  try {
    const handle = openSync(file, 'wx')
    writeSync(handle, owner)
    closeSync(handle)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isDead(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > DEAD_AFTER) return true
    const [host, pid] = readFileSync(file, 'utf8').split(' ')
    if (host !== hostname() || !pid) return false
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function touch(file) {
  try {
    const now = new Date()
    utimesSync(file, now, now)
  } catch {
    // The file is gone when someone cleaned up around us; the work goes on.
  }
}
