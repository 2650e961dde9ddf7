// Programs under mpirun, watched from outside.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Only root needs to be allowed; machines with fewer cores than ranks need the other one. */
const allowed = [...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []), '--oversubscribe']

/** Each mpirun that has not ended. */
const launchers = new Set()

/** A test that failed may have left ranks behind, also stopped ones, which no longer end by themselves. */
process.on('exit', () => {
  for (const launcher of launchers) for (const pid of [...ranksOf(launcher).filter(Boolean), launcher]) kill(pid)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

export const hasMpi = () => spawnSync('mpirun', ['--version']).status === 0

/** Starts `mpirun -n ranks node …words`; `apart` are words of single ranks instead: { 1: [...] }. */
export function launch(ranks, words, { env = {}, options = [], apart = {} } = {}) {
  const programs = Array.from({ length: ranks }, (_, rank) => apart[rank] ?? words)
  const same = Object.keys(apart).length === 0
  const args = same
    ? ['-n', String(ranks), process.execPath, ...words]
    : programs.flatMap((own, rank) => [...(rank > 0 ? [':'] : []), '-n', '1', process.execPath, ...own])
  const child = spawn('mpirun', [...allowed, ...options, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  launchers.add(child.pid)
  child.on('exit', () => launchers.delete(child.pid))
  const text = { out: '', err: '' }
  child.stdout.on('data', (part) => (text.out += part))
  child.stderr.on('data', (part) => (text.err += part))
  const ended = new Promise((resolve) => child.on('close', (status) => resolve({ status, ...text })))
  return { child, text, ended, pids: () => pidsOf(child.pid, ranks) }
}

/** The ranks' process ids, by rank, once all are there. */
function pidsOf(launcher, ranks) {
  const found = ranksOf(launcher)
  return found.filter(Boolean).length === ranks ? found : undefined
}

function ranksOf(launcher) {
  const found = []
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(parent) !== launcher || state === 'Z') continue
      const rank = /(?:^|\0)OMPI_COMM_WORLD_RANK=(\d+)/.exec(readFileSync(`/proc/${name}/environ`, 'utf8'))?.[1]
      if (rank !== undefined) found[Number(rank)] = Number(name)
    } catch {
      // It has ended meanwhile.
    }
  }
  return found
}

export const isAlive = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}

/** Waits until something holds. */
export async function until(holds, seconds, what) {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const value = holds()
    if (value) return value
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`)
    await pause(20)
  }
}
