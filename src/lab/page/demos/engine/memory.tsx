/** Bytes held over the run, as an area. */
export function MemoryChart({
  memory,
  label,
  peak,
}: {
  readonly memory: readonly number[]
  readonly label: string
  readonly peak: string
}) {
  const [width, height] = [640, 120]
  const most = Math.max(1, ...memory)
  const x = (i: number) => (i / Math.max(1, memory.length)) * width
  const y = (bytes: number) => height - (bytes / most) * height
  const steps = memory.map((bytes, i) => `V${y(bytes).toFixed(1)}H${x(i + 1).toFixed(1)}`).join('')
  return (
    <figure class="memory">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${peak}`}>
        <path d={`M0 ${height}${steps}V${height}Z`} />
      </svg>
      <figcaption>{peak}</figcaption>
    </figure>
  )
}
