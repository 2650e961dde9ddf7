import type { DemoName } from '../../api.ts'

/** A model that runs in the page itself. */
export function Demo({ name }: { readonly name: DemoName }) {
  return <p>{name}</p>
}
