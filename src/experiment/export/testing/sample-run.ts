import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ndarray } from '../../../engine/array.ts'
import { writeSafetensors } from '../../../engine/safetensors.ts'
import type { Observation } from '../../run/metrics.ts'
import { unitName } from '../../run/run-folder.ts'

/** 2026-01-02 03:04:05 UTC. */
export const began = Date.UTC(2026, 0, 2, 3, 4, 5)

export const sampleUnits = [
  { arm: 'straight/walk', seed: 0 },
  { arm: 'straight/walk', seed: 1 },
  { arm: 'straight/no-drift', seed: 0 },
].map(({ arm, seed }) => ({ unit: unitName(arm, seed), arm, seed, parameters: 1, flops: 60, bytes: 8 }))

/** Three steps of each unit. One value is NaN, and one name is of a kind that not every tracker takes. */
export const sampleObservations: readonly Observation[] = [1, 2, 3].flatMap((step) =>
  sampleUnits.flatMap(({ unit, seed }, i) => [
    { unit, step, name: 'place', value: step * 1.1 + seed, time: began + 1000 * step + i },
    { unit, step, name: 'speed (m/s), 快', value: i === 2 && step === 2 ? null : 1 / (step + seed), time: began + 1000 * step + i },
  ]),
)

const run = {
  schema: 1,
  method: 'walk',
  id: '20260102-030405-abc123',
  about: { title: 'Walking', arxiv: '0000.00000', summary: { en: 'Walks.', zh: '行走。' } },
  preset: 'small',
  seeds: [0, 1],
  config: { steps: 3, drift: 1, shape: 'straight', noise: { scale: 0.1 }, explode: false, bar: 0.8 },
  settings: {},
  device: 'cpu',
  versions: { quire: '0.1.0', node: '20.19.0', onnxruntime: 'onnxruntime-node (cpu) 1.30.0' },
  machine: { cpu: 'A processor', cores: 2, threads: 2, memoryBytes: 8e9, platform: 'linux-x64' },
  command: ['quire', 'run', 'walk'],
  data: { name: 'nothing', real: true, source: 'none', sha256: 'abc' },
  units: sampleUnits,
  atATime: 1,
  status: 'complete',
  started: new Date(began).toISOString(),
  finished: new Date(began + 9000).toISOString(),
  resumed: [],
}

const measured = { mean: 1.1, ci95: [1, 1.2], n: 2, values: [1, 1.2] }

const report = {
  method: 'walk',
  about: run.about,
  data: run.data,
  outcome: 'fails',
  exitStatus: 1,
  claims: [
    {
      id: 'moves',
      statement: '=The walk moves, "fast"',
      statementZh: '行走',
      paper: { value: 1, unit: 'm/s', where: 'Table 1' },
      arm: 'straight/walk',
      measured: { ...measured, seeds: [0, 1] },
      baseline: null,
      threshold: 2,
      direction: 'atLeast',
      judge: 'interval',
      verdict: 'fails',
      reason: 'wrongSide',
    },
  ],
  controls: [
    {
      id: 'no-drift',
      broken: 'the drift is zero',
      brokenZh: '漂移为零',
      arm: 'straight/no-drift',
      claim: 'moves',
      measured,
      verdict: 'fails',
      failsAsItShould: true,
    },
  ],
  cost: { seconds: 3, atATime: 1, peakBytes: 1000, flops: 180, parameters: 1 },
}

const figure =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20"><rect width="40" height="20" fill="#0072b2"/></svg>\n'

/** A small finished run of the walk whose every byte is known; in `changes` what differs in run.json. */
export function sampleRun(folder: string, changes: object = {}): string {
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  write('run.json', JSON.stringify({ ...run, ...changes }))
  write('report.json', JSON.stringify(report))
  write('report.md', '# walk\n\n![The way](artifacts/place.svg)\n')
  write('report.html', '<!doctype html><title>walk</title>')
  write('artifacts/place.svg', figure)
  write('artifacts/place.zh.svg', figure)
  write('metrics.jsonl', sampleObservations.map((line) => `${JSON.stringify(line)}\n`).join(''))
  for (const [i, { unit, arm, seed }] of sampleUnits.entries()) {
    const diverged = i === 2 ? { diverged: 'the place became NaN' } : {}
    const series = {
      ...(i === 0 && { turns: { x: [1, 2], y: [0.5, null] }, angle: { x: [0.5, 1.5], y: [1, 2] } }),
      place: { x: [1], y: [1.1] },
    }
    write(
      `units/${unit}.json`,
      JSON.stringify({
        unit,
        arm,
        seed,
        measurements: i === 2 ? {} : { speed: 1 + seed / 10 },
        series,
        seconds: 1,
        peakBytes: 9,
        observations: 6,
        ...diverged,
      }),
    )
  }
  const weights = {
    'params.w': ndarray(Float32Array.of(-1, 0, 0.5, 2), [4], 'float32'),
    moment: ndarray(Float32Array.of(9), [1], 'float32'),
  }
  write(`checkpoints/${sampleUnits[0].unit}--step-000000003.safetensors`, writeSafetensors(weights, {}))
  write(`items/${sampleUnits[0].unit}/way.jsonl`, '{"id":"a","length":1.5}\n{"id":"@b","length":null}\n')
  return folder
}
