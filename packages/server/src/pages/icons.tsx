import type { ComponentChildren, VNode } from 'preact'

function Icon(props: { readonly class?: string; readonly children: ComponentChildren }): VNode {
  return (
    <svg
      class={props.class ?? 'icon'}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {props.children}
    </svg>
  )
}

/** Says "look here" beside an error or a warning. */
export function AlertIcon(): VNode {
  return (
    <Icon>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7.5v5M12 16v.01" />
    </Icon>
  )
}

export function CheckIcon(): VNode {
  return (
    <Icon>
      <path d="m5 12.5 4.5 4.5L19 7.5" />
    </Icon>
  )
}

export function PlusIcon(): VNode {
  return (
    <Icon>
      <path d="M12 5v14M5 12h14" />
    </Icon>
  )
}

/** Points onward; mirrored where text runs from the right. */
export function ChevronIcon(): VNode {
  return (
    <Icon class="icon mirrored">
      <path d="m9 6 6 6-6 6" />
    </Icon>
  )
}

/** The mark beside the name of a workspace that has no logo. */
export function KeyholeIcon(): VNode {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="currentColor" />
      <path class="mark-hole" d="M16 8a5 5 0 0 0-2.2 9.5L12.6 24h6.8l-1.2-6.5A5 5 0 0 0 16 8z" />
    </svg>
  )
}
