import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/*
 * A Slurm of one's own: munged, slurmctld and some slurmd on this machine, with all of their files in a temporary folder. Debian's slurm-wlm and munge
 * have the programs. Only root can start it, as Slurm's daemons change users.
 */

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol', 'scancel']

/** Why there can be no Slurm here, or undefined where there can. */
export function whyNot() {
  if (process.getuid?.() !== 0) return 'only root can start the daemons of Slurm'
  const path = `${process.env.PATH}:/usr/sbin`.split(':')
  const missing = programs.filter((name) => !path.some((folder) => existsSync(join(folder, name))))
  return missing.length ? `${missing.join(', ')} are missing (Debian: apt-get install -y --no-install-recommends slurm-wlm munge)` : undefined
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

function configuration({ folder, ports, nodes }) {
  const host = hostname().split('.')[0]
  return `ClusterName=quire
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
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
SchedulerParameters=batch_sched_delay=0,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=5
MinJobAge=600
SlurmdTimeout=60
InactiveLimit=0
DebugFlags=NO_CONF_HASH
${nodes.map((name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i + 1]} CPUs=1 RealMemory=1000 State=UNKNOWN`).join('\n')}
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 MaxTime=60
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF MaxTime=60
`
}

/** Starts it; `nodes` are names of nodes, each with one processor. */
export async function startSlurm(nodes) {
  const folder = mkdtempSync(join(tmpdir(), 'quire-slurm-'))
  chmodSync(folder, 0o755)
  for (const name of ['state', ...nodes.map((node) => `spool.${node}`)]) mkdirSync(join(folder, name))
  const ports = await Promise.all([...nodes, ''].map(freePort))
  const file = join(folder, 'slurm.conf')
  writeFileSync(file, configuration({ folder, ports, nodes }))
  const env = { ...process.env, SLURM_CONF: file, PATH: `${process.env.PATH}:/usr/sbin` }
  const daemons = new Map()
  const start = (name, program, words) => {
    const log = openSync(join(folder, `${name}.out`), 'a')
    daemons.set(name, spawn(program, words, { env, stdio: ['ignore', log, log], detached: true }))
  }
  const cluster = {
    folder,
    env,
    call(program, ...words) {
      const { status, stdout, stderr } = spawnSync(program, words, { env, encoding: 'utf8' })
      return { status, out: stdout.trim(), err: stderr.trim() }
    },
    startNode: (node) => start(node, 'slurmd', ['-D', '-N', node]),
    /** As when the power goes: its daemon and whatever it had started are gone at once. */
    killNode(node) {
      const pids = processesUnder(daemons.get(node).pid, (command) => command.includes(`slurmstepd`) && false)
      for (const pid of pids) kill(pid)
    },
    async stop() {
      for (const daemon of daemons.values()) for (const pid of processesUnder(daemon.pid)) kill(pid)
      await sleep(100)
      rmSync(folder, { recursive: true, force: true })
    },
    logs: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.log') || name.endsWith('.out'))
        .map((name) => `== ${name}\n${readFileSync(join(folder, name), 'utf8').split('\n').slice(-40).join('\n')}`)
        .join('\n'),
  }
  return cluster
}
