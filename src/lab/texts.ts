import type { Text } from '../experiment/text.ts'

/** Every text of the page. A language that is missing somewhere is a type error. */
export const texts = {
  catalogue: { en: 'Papers', zh: '论文' },
} satisfies Record<string, Text>
