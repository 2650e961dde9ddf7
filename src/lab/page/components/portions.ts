import { useEffect, useState } from 'preact/hooks'

/** Rows that can be drawn between two frames without a pause that anybody feels. */
export const portion = 25

/** How many of so many rows are drawn: a portion at once, and one more with each frame until all are there. */
export function usePortions(count: number): number {
  const [drawn, setDrawn] = useState(portion)
  const isAll = drawn >= count
  useEffect(() => {
    if (isAll) return
    const frame = requestAnimationFrame(() => setDrawn(drawn + portion))
    return () => cancelAnimationFrame(frame)
  }, [drawn, isAll])
  return Math.min(drawn, count)
}
