import { formatInterval, formatNumber } from '../../../experiment/format.ts'
import { sentences } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { type ClaimNumbers, claimAxis } from './claim-axis.ts'

const width = 220
const height = 34
/** The axis leaves room for a dot at its ends. */
const at = (place: number): number => 6 + place * (width - 12)

/** The interval of a claim beside its bar. */
export function Interval({ numbers, verdict }: { readonly numbers: ClaimNumbers; readonly verdict: string }) {
  const t = useText()
  const { bar, passes, estimate, interval, values, control, domain } = claimAxis(numbers)
  const sign = numbers.direction === 'atLeast' ? '≥' : '≤'
  const words = sentences.intervalWords(
    formatNumber(numbers.estimate),
    formatInterval(numbers.interval),
    `${sign} ${formatNumber(numbers.threshold)}`,
  )
  return (
    <svg
      class={`interval ${verdict}`}
      viewBox={`0 0 ${width} ${height + 12}`}
      width={width}
      height={height + 12}
      role="img"
      aria-label={t(words)}
    >
      <rect class="passes" x={at(passes[0])} y="1" width={at(passes[1]) - at(passes[0])} height={height - 2} />
      <line class="ground" x1={at(0)} x2={at(1)} y1={height - 1} y2={height - 1} />
      {control && <Control {...control} />}
      {interval && <line class="span" x1={at(interval[0])} x2={at(interval[1])} y1="12" y2="12" />}
      {values.map((value, i) => (
        <circle key={i} class="seed" cx={at(value)} cy="12" r="3.2" />
      ))}
      {estimate !== undefined && <circle class="estimate" cx={at(estimate)} cy="12" r="3.4" />}
      <line class="bar" x1={at(bar)} x2={at(bar)} y1="1" y2={height - 1} />
      <text x={at(0)} y={height + 10}>
        {formatNumber(domain[0], 2)}
      </text>
      <text class="end" x={at(1)} y={height + 10}>
        {formatNumber(domain[1], 2)}
      </text>
    </svg>
  )
}

type ControlPlaces = NonNullable<ReturnType<typeof claimAxis>['control']>

/** The control below the method; an arrow where it is off the axis. */
function Control({ estimate, interval, outside }: ControlPlaces) {
  if (outside)
    return <path class="control" d={outside === 'left' ? 'M14,20 L6,24 L14,28' : `M${width - 14},20 L${width - 6},24 L${width - 14},28`} />
  return (
    <>
      {interval && <line class="control" x1={at(interval[0])} x2={at(interval[1])} y1="24" y2="24" />}
      {estimate !== undefined && <circle class="control" cx={at(estimate)} cy="24" r="2.6" />}
    </>
  )
}
