import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/*
 * What `quire manifest k8s` prints, against Kubernetes' own schema of a Job, in the oldest version that the Job needs and in later ones: unknown and missing
 * fields are errors. The schemas come with the Python package kubernetes-validate. `npm run build` comes before.
 */

const versions = ['1.29', '1.33', '1.36']
const packageOfSchemas = 'kubernetes-validate==1.36.0'

const quire = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')
const folder = mkdtempSync(join(tmpdir(), 'quire-kubernetes-'))
const python = join(folder, 'venv', 'bin', 'python')

let [passed, failed] = [0, 0]
function check(what, holds, detail) {
  holds ? passed++ : failed++
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}${holds ? '' : `: ${detail}`}`)
}

/** Why the schemas cannot be had; undefined where they were installed. */
function notInstalled() {
  const made = spawnSync('python3', ['-m', 'venv', join(folder, 'venv')], { encoding: 'utf8' })
  if (made.error || made.status !== 0) return 'there is no Python with venv here (Debian: python3-venv)'
  const { status, stderr } = spawnSync(python, ['-m', 'pip', 'install', '--quiet', packageOfSchemas], { encoding: 'utf8' })
  return status === 0 ? undefined : `pip cannot install ${packageOfSchemas}: ${stderr.trim().split('\n').at(-1)}`
}

function errorsOf(text, version) {
  const file = join(folder, 'job.yaml')
  writeFileSync(file, text)
  const words = ['-m', 'kubernetes_validate', '--strict', '--kubernetes-version', version, file]
  const { status, stdout, stderr } = spawnSync(python, words, { encoding: 'utf8' })
  return status === 0 ? undefined : (stdout + stderr).trim()
}

function manifest(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [quire, 'manifest', 'k8s', 'ramda', '--image', 'me/quire:1', ...words], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const variants = {
  'a claim': ['--pvc', 'runs'],
  'a server, a namespace, few pods': [
    '--nfs',
    'files:/export/my runs',
    '--namespace',
    'ml',
    '--parallelism',
    '2',
    '--seeds',
    '20',
    '--cpu',
    '1500m',
    '--memory',
    '512Mi',
  ],
  'words that need quotes': ['--pvc', 'runs', '--data', '/a \'b\' "c" # d: $(HOME) - {e}\nf', '--retries', '0'],
}

function main() {
  const why = notInstalled()
  if (why) return console.log(`SKIPPED: the schema of Kubernetes: ${why}`)
  for (const version of versions)
    for (const [what, words] of Object.entries(variants)) {
      const errors = errorsOf(manifest(...words), version)
      check(`Kubernetes ${version}, ${what}`, errors === undefined, errors)
    }
  const good = manifest('--pvc', 'runs')
  const broken = {
    'an unknown field': good.replace('completionMode:', 'completionMod:'),
    'a text for a number': good.replace(/completions: \d+/, 'completions: many'),
    'a rule without an action': good.replace('- action: FailIndex\n  ', '- '),
    'no containers': good.replace('containers:', 'initContainers:'),
  }
  for (const [what, text] of Object.entries(broken))
    check(`${what} is an error: the check can fail`, text !== good && errorsOf(text, '1.33') !== undefined, 'it passes')
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed ? 1 : 0
}

try {
  main()
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}
