import type { Box } from './graph.tsx'

/** Boxes whose description has every word. */
export function hitsOf(boxes: readonly Pick<Box, 'description'>[], query: string): number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return boxes.flatMap(({ description }, i) => (words.every((word) => description.toLowerCase().includes(word)) ? [i] : []))
}
