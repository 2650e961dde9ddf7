// `npm run build && node scripts/sampler-pictures.mjs`: draws docs/images/samplers-trajectories.svg, paths of samplers from noise to a mixture of three
// normal distributions in the plane, by its denoiser in closed form.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { gaussianMixture, processOf, sample } from '../dist/kits/diffusion/index.js'

const root = resolve(import.meta.dirname, '..')
const least = 0.01
const denoiser = gaussianMixture({
  process: processOf({ kind: 'edm', sigmas: [least, 3], train: [-1.2, 1.2] }),
  components: [
    { mean: [-1.6, -0.8], covariance: [0.09, 0.05, 0.05, 0.06] },
    { mean: [1.5, -0.9], covariance: 0.05 },
    { mean: [0.2, 1.6], covariance: [0.12, -0.04, -0.04, 0.05] },
  ],
})
const panels = [
  ['heun, 12 steps', { kind: 'heun' }, 12, 24],
  ['ddim, 12 steps', { kind: 'ddim' }, 12, 24],
  ['em, 60 steps', { kind: 'em' }, 60, 8],
  ['pc, 60 steps', { kind: 'pc', snr: 0.15 }, 60, 8],
]

const paths = []
const ends = []
for (const [panel, sampler, steps, shown] of panels) {
  const keep = Array.from({ length: steps + 1 }, (_, i) => i)
  const few = await sample(denoiser, { sampler, steps, count: shown, seed: 4, keep })
  for (let i = 0; i < shown; i++)
    for (const index of keep) {
      const [x, y] = few.kept.get(index).data.subarray(2 * i, 2 * i + 2)
      paths.push({ panel, path: `${panel} ${i}`, x, y })
    }
  const { x } = await sample(denoiser, { sampler, steps, count: 600, seed: 4 })
  for (let i = 0; i < 600; i++) ends.push({ panel, x: x.data[2 * i], y: x.data[2 * i + 1] })
}

const { document } = parseHTML('<!doctype html><html><body></body></html>')
const limits = [-5, 5]
const inside = ({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) <= limits[1]
const figure = Plot.plot({
  document,
  width: 960,
  height: 290,
  marginLeft: 40,
  style: { background: 'white', fontSize: '12px' },
  fx: { domain: panels.map(([panel]) => panel), label: null, padding: 0.06 },
  x: { domain: limits, label: null, ticks: 5 },
  y: { domain: limits, label: null, ticks: 5 },
  marks: [
    Plot.frame({ stroke: '#bbb' }),
    Plot.dot(ends, { fx: 'panel', x: 'x', y: 'y', r: 1, fill: '#0072b2', fillOpacity: 0.5 }),
    Plot.line(paths.filter(inside), { fx: 'panel', x: 'x', y: 'y', z: 'path', stroke: '#d55e00', strokeWidth: 0.8, strokeOpacity: 0.8 }),
  ],
})
const svg = figure.outerHTML
  .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg" role="img"')
  .replace(/ d="[^"]+"/g, (path) => path.replace(/(\.\d)\d+/g, '$1'))
  .replace(/ c([xy])="(-?\d+\.\d)\d*"/g, ' c$1="$2"')
const file = join(root, 'docs/images/samplers-trajectories.svg')
writeFileSync(file, `${svg}\n`)
console.log(file)
