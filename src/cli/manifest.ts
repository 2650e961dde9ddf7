import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { InputError } from '../engine/errors.ts'
import { parseSettings } from '../experiment/config.ts'
import { presetNames } from '../experiment/definition.ts'
import { oneLine, shellCommand } from '../experiment/format.ts'
import { checkName, checkQuantity, indexedJob, type KubernetesRequest, processorsOf } from '../experiment/launch/kubernetes.ts'
import { unknownName } from '../experiment/nearest.ts'
import { prepare } from '../experiment/run/plan-run.ts'
import type { Shell } from './cli.ts'
import { findMethod } from './find-method.ts'
import { firstSeeds, oneOf, wholeNumber } from './words.ts'

export interface ManifestOptions {
  readonly preset?: string
  readonly seeds?: string
  readonly set?: readonly string[]
  readonly data?: string
  readonly image: string
  readonly pvc?: string
  readonly nfs?: string
  readonly cpu?: string
  readonly memory?: string
  readonly name?: string
  readonly namespace?: string
  readonly parallelism?: string
  readonly retries?: string
  readonly json?: boolean
}

function volumeOf({ pvc, nfs }: ManifestOptions): KubernetesRequest['volume'] {
  if (pvc !== undefined && nfs === undefined) return { claim: checkName('--pvc', pvc) }
  const [, server, path] = /^([\w.-]+):(\/.*)$/s.exec(nfs ?? '') ?? []
  if (pvc === undefined && server !== undefined) return { server, path }
  const fix = 'one of --pvc NAME (a claim that many pods may write) and --nfs SERVER:/PATH'
  throw new InputError('the pods need one place for the run that all of them can write', { where: 'quire manifest k8s', fix })
}

function imageOf({ image }: ManifestOptions): string {
  if (/^[\w.:/@-]+$/.test(image)) return image
  throw new InputError(`'${image}' is no name of an image`, { where: '--image', fix: 'for example registry.example.org/me/quire:1' })
}

/** What follows `quire run <method>` in a pod. */
function optionsOf({ preset, data, set = [] }: ManifestOptions, seeds: number): string[] {
  const given = Object.entries({ preset, seeds: String(seeds), data }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  )
  return [...given, ...set.flatMap((setting) => ['--set', setting])]
}

/** The same command gives the same name, so that applying it twice is applying it once. */
const nameOf = (method: string, options: readonly string[], image: string): string =>
  `quire-${method}-${createHash('sha256')
    .update(JSON.stringify([options, image]))
    .digest('hex')
    .slice(0, 6)}`

/** `quire manifest k8s <method>`: prints a Job for `kubectl apply -f -`; nothing is contacted. */
export async function manifest({ terminal, methods }: Shell, kind: string, methodName: string, options: ManifestOptions): Promise<number> {
  if (kind !== 'k8s') throw unknownName('kind of manifest', kind, ['k8s'])
  const method = findMethod(methods, methodName)
  const experiment = await method.experiment()
  const preset = oneOf('preset', options.preset ?? 'small', presetNames)
  const settings = parseSettings(experiment.config, options.set ?? [])
  const { seeds } = await prepare(experiment, { preset, settings, seeds: firstSeeds(options.seeds) })
  const words = optionsOf(options, seeds.length)
  const image = imageOf(options)
  const cpu = checkQuantity('--cpu', options.cpu ?? '1')
  const request: KubernetesRequest = {
    name: checkName('--name', options.name ?? nameOf(method.name, words, image), 52),
    namespace: options.namespace === undefined ? undefined : checkName('--namespace', options.namespace),
    image,
    volume: volumeOf(options),
    cpu,
    memory: checkQuantity('--memory', options.memory ?? '4Gi'),
    parallelism: options.parallelism === undefined ? undefined : wholeNumber('--parallelism', options.parallelism, 1),
    retries: wholeNumber('--retries', options.retries ?? '3', 0),
  }
  const processors = processorsOf(cpu)
  const workers = Math.max(1, Math.floor(processors / (experiment.workers?.threads ?? processors)))
  const job = indexedJob({ method: method.name, seeds: seeds.length, options: words, workers }, request)
  if (options.json) terminal.out(JSON.stringify(job, null, 2))
  else terminal.out(comment(methodName, options) + stringify(job, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd())
  return 0
}

/** How the file was made. */
function comment(method: string, options: ManifestOptions): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => (typeof one === 'string' ? [`--${name}`, one] : [])),
  )
  return `# ${oneLine(shellCommand(['quire', 'manifest', 'k8s', method, ...given]))}\n`
}
