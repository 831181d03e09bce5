import type { ComponentChildren, VNode } from 'preact'
import type { ClientDisplay, PageName } from '../core/interaction/pages.ts'
import { Layout } from './layout.tsx'
import type { View } from './page.ts'
import { ClientLogo, ClientName, ErrorSummary, Heading, UnverifiedNotice } from './parts.tsx'
import type { Translate } from './translate.ts'

/** The frame of a page on the way to a client: whose way it is, what went wrong, and a word of caution where due. */
export function ClientPage(props: {
  readonly page: PageName
  readonly title: string
  /** The message that says for whom all this is, with the place `client`. */
  readonly to: Parameters<Translate['rich']>[0]
  readonly client: ClientDisplay
  /** What went wrong with the last try. */
  readonly problem?: ComponentChildren
  readonly notice?: ComponentChildren
  readonly t: Translate
  readonly view: View
  readonly children: ComponentChildren
}): VNode {
  const { client, title, problem = null, t, view } = props
  return (
    <Layout
      page={props.page}
      title={title}
      error={problem !== null}
      reference={view.flowId}
      t={t}
      view={view}
    >
      <Heading logo={<ClientLogo client={client} view={view} />} title={title}>
        <p>{t.rich(props.to, { client: <ClientName client={client} /> })}</p>
      </Heading>
      {problem !== null && <ErrorSummary>{problem}</ErrorSummary>}
      {props.notice}
      {client.unverified && <UnverifiedNotice t={t} view={view} />}
      {props.children}
    </Layout>
  )
}
