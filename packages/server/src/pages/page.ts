import type { VNode } from 'preact'
import type { PageContext, PageName, PageProps } from '../core/interaction/pages.ts'
import type { Translate } from './translate.ts'

/** A hosted page: every sample in every language is a golden file, a screenshot and an accessibility check. */
export interface Page<N extends PageName> {
  readonly name: N
  readonly samples: Readonly<Record<string, PageProps[N]>>
  /** `'sha256-…'` of the inline scripts it holds. */
  readonly scriptHashes?: readonly string[]
  /** The whole document, without its doctype. */
  render(props: PageProps[N], t: Translate, view: View): VNode
}

/** The context of a page with what all pages derive from it. */
export interface View extends PageContext {
  /** The name people know the workspace by. */
  readonly brand: string
  readonly languages: readonly Language[]
  readonly links: AssetLinks
}

export interface Language {
  readonly locale: string
  /** In its own language. */
  readonly name: string
  readonly href: string
}

/** Paths of what the document loads. */
export interface AssetLinks {
  readonly stylesheet: string
  readonly script: string
  readonly icon: string
  /** Null for the accent that is built in. */
  readonly accent: string | null
}
