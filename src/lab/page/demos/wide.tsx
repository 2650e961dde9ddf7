import type { ComponentChildren } from 'preact'

/** A table that may be wider than the page: it is scrolled, also with the keyboard. */
export function Wide({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a table is no group of fields
    <div class="wide" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  )
}
