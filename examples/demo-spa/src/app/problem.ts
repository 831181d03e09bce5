import { AuthError } from '@pixy/browser'
import type { Problem } from './model.ts'

/** Reads Pixy's JSON error object, or the demo API's, or the parameters of an error redirect. */
export function problemFrom(read: (name: string) => unknown): Problem | undefined {
  const text = (name: string): string | undefined => {
    const value = read(name)
    return typeof value === 'string' ? value : value == null ? undefined : JSON.stringify(value)
  }
  const code = text('error')
  if (code === undefined) return undefined
  const docUrl = text('error_uri')
  const page = URL.parse(docUrl ?? '') // of an answer by redirect it names reason and flow
  return {
    code,
    description: text('error_description') ?? '',
    reason: text('reason') ?? page?.pathname.split('/').at(-1),
    received: text('received'),
    expected: text('expected'),
    fix: text('fix'),
    docUrl,
    flowId: text('flow') ?? page?.searchParams.get('flow') ?? undefined,
  }
}

export function problemFromBody(body: unknown): Problem | undefined {
  return typeof body === 'object' && body ? problemFrom((name) => Reflect.get(body, name)) : undefined
}

/** Why a verb of the SDK failed. */
export function problemFromError(error: unknown): Problem {
  if (!(error instanceof AuthError)) return { code: 'unexpected', description: String(error) }
  const { code, message, reason, received, expected, hint, docUrl, flowId } = error
  return { code, description: message, reason, received, expected, fix: hint, docUrl, flowId }
}
