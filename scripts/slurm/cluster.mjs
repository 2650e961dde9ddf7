import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/*
 * A Slurm of one's own: munged, slurmctld and a few slurmd on this machine, with all their files in a temporary folder. Debian's slurm-wlm and munge have
 * the programs. Only root can start it: Slurm's daemons change users.
 */

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol', 'scancel']
const path = `${process.env.PATH}:/usr/sbin`

/** Why there can be no Slurm here; undefined where there can. */
export function whyNot() {
  const missing = programs.filter((name) => !path.split(':').some((folder) => existsSync(join(folder, name))))
  if (missing.length)
    return `${missing.join(', ')} missing (Debian: apt-get install -y --no-install-recommends slurm-wlm slurm-client munge)`
  return process.getuid() === 0 ? undefined : 'only root can start the daemons of Slurm'
}

const host = hostname().split('.')[0]

const configuration = ({ folder, ports: [control, ...ports], nodes }) => `ClusterName=quire
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${control}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits until its old credential has expired: two minutes unless said otherwise.
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool.%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=5
MinJobAge=600
${nodes.map((name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1`).join('\n')}
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 MaxTime=60
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF MaxTime=60
`

/** Starts one with the named nodes, a processor each. `stop` ends every process that it started and removes its files. */
export async function startSlurm(nodes) {
  const folder = mkdtempSync(join(tmpdir(), 'quire-slurm-'))
  chmodSync(folder, 0o755) // munged refuses to keep its socket where others cannot go
  for (const name of ['state', ...nodes.map((node) => `spool.${node}`)]) mkdirSync(join(folder, name))
  const ports = await Promise.all([undefined, ...nodes].map(freePort))
  writeFileSync(join(folder, 'slurm.conf'), configuration({ folder, ports, nodes }))
  writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 })
  const env = { ...process.env, PATH: path, SLURM_CONF: join(folder, 'slurm.conf') }
  const daemons = new Map()
  const start = (name, program, words) => {
    const log = openSync(join(folder, `${name}.out`), 'a')
    daemons.set(name, spawn(program, words, { env, stdio: ['ignore', log, log] }))
  }
  const call = (program, ...words) => {
    const { error, status, stdout, stderr } = spawnSync(program, words, { env, encoding: 'utf8' })
    if (error || status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr.trim()}`)
    return stdout.trim()
  }
  const stop = async () => {
    for (const pid of startedBy(env)) kill(pid)
    await sleep(200)
    rmSync(folder, { recursive: true, force: true })
  }
  // A script that fails may leave without a word to its cluster.
  process.once('exit', () => startedBy(env).forEach(kill))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop().finally(() => process.exit(1)))
  const cluster = {
    folder,
    env,
    call,
    stop,
    startNode: (node) => start(node, 'slurmd', ['-D', '-N', node]),
    /** As when its power goes: its daemon and all that runs on it end at once, without a word. */
    loseNode(node) {
      for (const pid of [daemons.get(node).pid, ...startedBy(env, node)]) kill(pid)
    },
    /** The process of an array task that runs a script of Node's. */
    processOf: (job, task, script) =>
      processes().find((one) => one.conf === env.SLURM_CONF && one.array === `${job}_${task}` && one.command.includes(script))?.pid,
    logs: () =>
      readdirSync(folder)
        .filter((name) => /\.(log|out)$/.test(name))
        .map((name) => `== ${name}\n${readFileSync(join(folder, name), 'utf8').split('\n').slice(-30).join('\n')}`)
        .join('\n'),
  }
  try {
    const files = ['key', 'socket', 'pid', 'log', 'seed'].map(
      (name) => `--${name}${name === 'socket' ? '' : '-file'}=${folder}/munge.${name}`,
    )
    start('munged', 'munged', ['--foreground', '--force', ...files])
    await until('munged', () => existsSync(join(folder, 'munge.socket')))
    start('slurmctld', 'slurmctld', ['-D', '-c'])
    for (const node of nodes) cluster.startNode(node)
    await until('the nodes', () =>
      call('sinfo', '--noheader', '--Node', '--partition=low', '--format=%t')
        .split('\n')
        .every((state) => state === 'idle'),
    )
    return cluster
  } catch (error) {
    const logs = cluster.logs()
    await stop()
    throw new Error(`Slurm does not start: ${error.message}\n${logs}`)
  }
}

/** Waits until a condition holds; whatever it throws counts as not yet. */
export async function until(what, condition, seconds = 300) {
  for (const end = Date.now() + seconds * 1000; ; await sleep(100)) {
    try {
      const value = condition()
      if (value) return value
    } catch (error) {
      if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}: ${error.message}`)
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`)
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Every process: its parent, and which Slurm and which node of it started it. */
const processes = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        const value = (name) => environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
        const array = `${value('SLURM_ARRAY_JOB_ID')}_${value('SLURM_ARRAY_TASK_ID')}`
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return [{ pid: Number(pid), parent, conf: value('SLURM_CONF'), node: value('SLURMD_NODENAME'), array, command }]
      } catch {
        return [] // it has ended meanwhile
      }
    })

/** What runs by the word of this Slurm, on one node or on all; slurmstepd, which watches over a job, comes before the job. */
function startedBy({ SLURM_CONF }, node) {
  const all = processes().filter(({ conf }) => conf === SLURM_CONF)
  const jobs = all.filter((one) => node === undefined || one.node === node)
  const watchers = all.filter(({ pid, node: own }) => own === undefined && jobs.some(({ parent }) => parent === pid))
  return [...watchers, ...jobs].map(({ pid }) => pid)
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}
