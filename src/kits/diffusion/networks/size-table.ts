import { macs, parameterCount } from './macs.ts'
import { type NetworkKind, networkSized, networkSizes } from './sizes.ts'

const shapes = [
  [1, 28, 28],
  [3, 32, 32],
]

/** Parameters and multiply-accumulates of all named sizes, as a table in Markdown: the one in docs/diffusion/networks.md. */
export function sizeTable(): string {
  const cell = (value: number) => value.toLocaleString('en')
  const rows = Object.entries(networkSizes).flatMap(([kind, sizes]) =>
    Object.keys(sizes).map((size) => {
      const counts = shapes.flatMap((shape) => {
        const network = networkSized(kind as NetworkKind, size, shape)
        return [cell(parameterCount(network, shape)), cell(macs(network, shape))]
      })
      return `| \`${kind}\` | \`${size}\` | ${counts.join(' | ')} |`
    }),
  )
  const heads = shapes.flatMap((shape) => [`parameters, ${shape.join('×')}`, `MACs, ${shape.join('×')}`])
  return [`| kind | size | ${heads.join(' | ')} |`, `| --- | --- | ${heads.map(() => '---:').join(' | ')} |`, ...rows].join('\n')
}
