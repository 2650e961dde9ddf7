import type { Text } from '../../experiment/text.ts'
import type { Method } from '../../methods/method.ts'
import type { DemoName } from '../api.ts'
import type { Area } from './areas.ts'

/** What the catalogue adds to a method’s card; of a paper that is no method yet, all that it knows. */
export interface Entry {
  readonly name: string
  /** For whom, and for which job. */
  readonly purpose: Text
  /** Paragraphs. */
  readonly text: readonly Text[]
  readonly demo?: DemoName
  /** Only where there is no method yet: whoever builds it moves this to its card. */
  readonly card?: Pick<Method, 'number' | 'title' | 'arxiv' | 'summary'> & { readonly area: Area }
}
