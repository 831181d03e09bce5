// What pixy.mjs starts on the pinned Node. File descriptor 3 is the other end of a pipe that pixy.mjs holds:
// when it closes, pixy.mjs was killed, and no server may live on behind its back.
import { Socket } from 'node:net'

const launcher = new Socket({ fd: 3, readable: true, writable: false })
launcher.on('close', () => process.kill(process.pid, 'SIGKILL'))
launcher.on('error', () => launcher.destroy())
launcher.resume()
launcher.unref()

await import('./pixy.mjs')
