import { readFile } from 'node:fs/promises'
import { StartError, UsageError } from './errors.ts'

export interface TlsFiles {
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly tlsSelfSigned?: boolean | undefined
}

export interface Tls {
  readonly cert: string
  readonly key: string
}

/** Certificate and key, both or neither; or a certificate of our own for localhost, made for this start. */
export async function readTls({ tlsCert, tlsKey, tlsSelfSigned }: TlsFiles): Promise<Tls | undefined> {
  if (tlsSelfSigned) {
    if (tlsCert !== undefined || tlsKey !== undefined)
      throw new UsageError('--tls-self-signed goes without --tls-cert and --tls-key')
    return selfSigned()
  }
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined)
    throw new UsageError('--tls-cert and --tls-key go together')
  return { cert: await read(tlsCert), key: await read(tlsKey) }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new StartError(`${file} cannot be read`, { cause })
  }
}

async function selfSigned(): Promise<Tls> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}
