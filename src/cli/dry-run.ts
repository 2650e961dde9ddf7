import type { Experiment } from '../experiment/definition.ts'
import { formatBytes, formatFlops, formatNumber, formatSeconds } from '../experiment/format.ts'
import { prepare, unitsAtATime } from '../experiment/run/plan-run.ts'
import type { RunRequest } from '../experiment/run/request.ts'
import type { PlannedUnit } from '../experiment/run/run-folder.ts'
import { machineSpeed, type Speed } from '../experiment/run/speed.ts'
import { aligned } from './style.ts'
import type { Terminal } from './terminal.ts'

const secondsOf = (units: readonly PlannedUnit[], speed: Speed): number =>
  units.reduce((sum, { seconds, flops }) => sum + (seconds ?? flops / speed.flopsPerSecond), 0)

interface ArmPlan {
  readonly arm: string
  readonly seeds: number
  readonly parameters: number
  readonly flops: number
  readonly bytes: number
  readonly seconds: number
}

function armPlans(units: readonly PlannedUnit[], speed: Speed): ArmPlan[] {
  return [...new Set(units.map(({ arm }) => arm))].map((arm) => {
    const own = units.filter((unit) => unit.arm === arm)
    const { parameters, bytes } = own[0]
    return {
      arm,
      seeds: own.length,
      parameters,
      bytes,
      flops: own.reduce((sum, { flops }) => sum + flops, 0),
      seconds: secondsOf(own, speed),
    }
  })
}

/** `quire run <method> --dry-run`: what a run would cost on this machine. */
export async function dryRun(terminal: Terminal, experiment: Experiment, request: RunRequest, json: boolean): Promise<number> {
  const { units, seeds, config } = await prepare(experiment, request)
  const speed = await machineSpeed(experiment.method)
  const arms = armPlans(units, speed)
  const atATime = unitsAtATime(experiment, request.device ?? 'cpu', units)
  const total = {
    parameters: Math.max(...arms.map(({ parameters }) => parameters)),
    flops: arms.reduce((sum, { flops }) => sum + flops, 0),
    bytes: Math.max(...arms.map(({ bytes }) => bytes)),
    seconds: arms.reduce((sum, { seconds }) => sum + seconds, 0) / atATime,
  }
  if (json) {
    terminal.out(
      JSON.stringify({ method: experiment.method, preset: request.preset, seeds, config, dryRun: true, arms, ...total, speed }, null, 2),
    )
    return 0
  }
  const rows = arms.map((arm) => [arm.arm, String(arm.seeds), ...cells(arm)])
  const table = aligned([
    ['arm', 'seeds', 'parameters', 'FLOPs', 'memory', 'time here'],
    ...rows,
    ['together', String(seeds.length), ...cells(total)],
  ])
  for (const line of table) terminal.out(line)
  const side = atATime > 1 ? `, ${atATime} units at a time` : ''
  terminal.out(`time: at ${formatFlops(speed.flopsPerSecond)}/s${side}, ${speed.from}`)
  return 0
}

const cells = ({ parameters, flops, bytes, seconds }: Omit<ArmPlan, 'arm' | 'seeds'>): string[] => [
  formatNumber(parameters, 6),
  formatFlops(flops),
  formatBytes(bytes),
  `about ${formatSeconds(seconds)}`,
]
