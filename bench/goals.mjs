/** The bars that were set before measuring, and whether each is met. What was not measured validly is not judged. */
import { peers } from './peers/index.mjs'
import { workloads } from './workloads.mjs'

const title = (id) => peers.find((peer) => peer.id === id).title

const valid = (results, workload, id) => {
  const best = results.workloads[workload]?.peers[id]?.best
  return best && best.valid !== false ? best.medianMs : undefined
}

/** quire's time of a step over a peer's, at most the bar. */
function atMost(results, workload, id, bar, note = '') {
  const [own, other] = [valid(results, workload, 'quire'), valid(results, workload, id)]
  if (own === undefined || other === undefined) return undefined
  const ratio = own / other
  return {
    workload,
    goal: `${workload}: at most ${bar}× the time of ${title(id)}${note}`,
    measured: `${ratio.toFixed(2)}×`,
    met: ratio <= bar,
  }
}

function bestCompiled(results, workload) {
  const times = peers.filter(({ kind }) => kind === 'compiled').map(({ id }) => [id, valid(results, workload, id)])
  const sorted = times.filter(([, time]) => time !== undefined).sort(([, a], [, b]) => a - b)
  return sorted[0]?.[0]
}

function faster(results, workload, id, bar) {
  const [own, other] = [valid(results, workload, 'quire'), valid(results, workload, id)]
  if (own === undefined || other === undefined) return undefined
  const ratio = other / own
  return { workload, goal: `${workload}: at least ${bar}× faster than ${title(id)}`, measured: `${ratio.toFixed(1)}×`, met: ratio >= bar }
}

const own = (value, goal, measured, met) => value && !value.failed && { goal, measured: measured(value), met: met(value) }

/** How far explain() is from the measured growth, as a share of it. */
export const memoryMiss = ({ predictedBytes, grownBytes }) => predictedBytes / grownBytes - 1

const percent = (share) => `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(0)} %`

/** { goal, measured, met, workload? } of every goal that can be judged. */
export function goals(results) {
  const { overhead, compile, memory = {}, steady } = results.own
  const compiled = bestCompiled(results, 'gpt')
  const compared = Object.keys(workloads).filter((name) => name in results.workloads && !workloads[name].peers)
  return [
    atMost(results, 'gpt', 'torch', 0.7),
    compiled && atMost(results, 'gpt', compiled, 1, ' (the best compiled peer)'),
    ...['mlp', 'resnet', 'unet', 'unet-diffusion', 'ddim'].map((name) => atMost(results, name, 'torch', 1)),
    ...compared.map((name) => faster(results, name, 'jax-js', 8)),
    ...compared.map((name) => faster(results, name, 'tfjs', 4)),
    own(
      overhead,
      'a tiny step costs at most 30 µs more than the runtime’s own call',
      ({ overheadUs }) => `${overheadUs.toFixed(1)} µs`,
      ({ overheadUs }) => overheadUs <= 30,
    ),
    own(
      compile,
      'a 12-layer transformer’s step is traced and compiled in at most 2 s in a new process',
      ({ coldMs }) => `${(coldMs / 1000).toFixed(2)} s`,
      ({ coldMs }) => coldMs <= 2000,
    ),
    own(
      compile,
      'and in at most 50 ms by a second trainStep',
      ({ warmMs }) => `${warmMs.toFixed(0)} ms`,
      ({ warmMs }) => warmMs <= 50,
    ),
    ...Object.entries(memory).map(([name, value]) =>
      own(
        value,
        `${name}: explain() predicts the memory of a step within 10 %`,
        (each) => percent(memoryMiss(each)),
        (each) => Math.abs(memoryMiss(each)) <= 0.1,
      ),
    ),
    own(
      steady,
      `resident memory after ${steady?.steps?.toLocaleString('en')} steps is within 5 % of that after the first tenth`,
      ({ firstMb, lastMb }) => percent(lastMb / firstMb - 1),
      ({ firstMb, lastMb }) => Math.abs(lastMb / firstMb - 1) <= 0.05,
    ),
  ].filter(Boolean)
}
