/** The peers: what starts each, and what it needs. Order is the order of the table and of every round. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** A C++ compiler, or why there is none: inductor calls one. */
function compiler() {
  const found = [process.env.CXX, 'g++', 'clang++'].find((name) => name && spawnSync(name, ['--version']).status === 0)
  return found ? undefined : 'no C++ compiler (g++ or clang++), which inductor needs'
}

/**
 * kind: 'eager' or 'compiled' (native libraries), 'js' (the nearest rivals). runtime: which installation it waits for.
 * missing(): a reason to leave it out.
 */
export const peers = [
  { id: 'quire', title: 'quire', runtime: 'quire', script: 'quire.mjs' },
  { id: 'torch', title: 'PyTorch, eager', kind: 'eager', runtime: 'python', script: 'pytorch.py' },
  {
    id: 'torch-compile',
    title: 'PyTorch, torch.compile',
    kind: 'compiled',
    runtime: 'python',
    script: 'pytorch.py',
    variant: 'compile',
    missing: compiler,
  },
  { id: 'jax', title: 'JAX, jit', kind: 'compiled', runtime: 'python', script: 'jax_cpu.py' },
  { id: 'jax-js', title: 'jax-js (wasm)', kind: 'js', runtime: 'npm', script: 'jax-js.mjs' },
  { id: 'tfjs', title: 'TensorFlow.js (wasm)', kind: 'js', runtime: 'npm', script: 'tfjs.mjs' },
]

/** Whose losses the others must meet: the first of these that ran. */
export const references = ['torch', 'jax', 'torch-compile', 'tfjs', 'jax-js']

/** The program, arguments and environment of one measurement. */
export function command(peer, { python, work, workload, threads, seconds, losses, limit }) {
  const options = { work, workload, threads, seconds, losses, limit, ...(peer.variant && { variant: peer.variant }) }
  return {
    file: peer.runtime === 'python' ? python : process.execPath,
    args: [here(peer.script), ...Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)])],
    env: {
      ...process.env,
      OMP_NUM_THREADS: String(threads),
      MKL_NUM_THREADS: String(threads),
      TORCHINDUCTOR_CACHE_DIR: join(work, 'inductor'),
      TF_CPP_MIN_LOG_LEVEL: '3',
    },
  }
}
