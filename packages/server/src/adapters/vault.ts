import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Vault } from '../core/ports.ts'

const VERSION = 'v1'

/**
 * AES-256-GCM under keys derived from the master secret. A sealed value names the key that sealed it, so a previous
 * master secret goes on opening what it sealed while new values are sealed under the current one.
 */
export function createVault(secret: string, previous?: string): Vault {
  const current = deriveKey(secret)
  const keys = new Map(
    [current, ...(previous === undefined ? [] : [deriveKey(previous)])].map((key) => [key.id, key.key]),
  )
  return {
    seal(plaintext, context) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, iv)
      cipher.setAAD(Buffer.from(context))
      const sealed = Buffer.concat([
        iv,
        cipher.update(plaintext, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return `${VERSION}.${current.id}.${sealed.toString('base64url')}`
    },
    open(sealed, context) {
      const [version, id, data] = sealed.split('.')
      const key = keys.get(id ?? '')
      if (version !== VERSION || key === undefined || data === undefined) {
        throw new Error(
          'this value was sealed under another master secret: set PIXY_SECRET, or PIXY_SECRET_PREVIOUS, to it',
        )
      }
      const bytes = Buffer.from(data, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
    },
  }
}

function deriveKey(secret: string): { id: string; key: Buffer } {
  const key = Buffer.from(hkdfSync('sha256', secret, 'pixy', 'seal', 32))
  const id = Buffer.from(hkdfSync('sha256', secret, 'pixy', 'seal id', 6)).toString('hex')
  return { id, key }
}
