import type { ComponentChildren } from 'preact'
import { Boundary } from './boundary.tsx'

/** A part of a view with its title. */
export function Section({
  id,
  title,
  children,
  aside,
}: {
  readonly id: string
  readonly title: string
  readonly children: ComponentChildren
  readonly aside?: ComponentChildren
}) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <header class="section">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      <Boundary>{children}</Boundary>
    </section>
  )
}
