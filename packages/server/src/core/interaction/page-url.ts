import type { Exchange } from '../exchange.ts'

export type PagePath =
  | 'sign-in'
  | 'sign-up'
  | 'link-account'
  | 'select-account'
  | 'consent'
  | 'device-confirm'
  | 'continue'

export function pageUrl({ workspace }: Exchange, page: PagePath, flowId: string): string {
  return `${workspace.issuer}/${page}?flow=${flowId}`
}
