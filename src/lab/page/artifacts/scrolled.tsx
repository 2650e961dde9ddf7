import type { ComponentChildren } from 'preact'

/** Something too wide or too long for its place: it is scrolled, with the keyboard too. */
export function Scrolled({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a table or a text is no group of fields
    <div class="scrolled" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  )
}
