import { InputError } from '../../engine/errors.ts'

/** What a cluster is asked for. */
export interface KubernetesRequest {
  readonly name: string
  readonly namespace?: string
  /** A container image in which `quire` is on the path. */
  readonly image: string
  /** Where the run's folder is: a claim, or a directory that an NFS server exports. All pods write to it. */
  readonly volume: { readonly claim: string } | { readonly server: string; readonly path: string }
  /** Processors and memory of a pod, as Kubernetes writes them: `2`, `500m`; `4Gi`. */
  readonly cpu: string
  readonly memory: string
  /** Pods at a time; all where it is left out. */
  readonly parallelism?: number
  /** How often a task is tried again after a failure that is none of its own, such as a lack of memory. */
  readonly retries: number
}

/** What the pods do. */
export interface KubernetesJob {
  readonly method: string
  readonly seeds: number
  /** What follows `quire run <method>`, but for the folder and the task. */
  readonly options: readonly string[]
  /** Units that a pod trains at a time. */
  readonly workers: number
}

/** Where pods see the volume. */
const mount = '/runs'

/** Kubernetes replaces `$(NAME)` in commands; a text of the user's is to stay as it is. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$')

/**
 * An Indexed Job (batch/v1, Kubernetes 1.29 or later) with a task a seed. A pod that is stopped (130: its node is drained, or it is preempted) does not count as
 * failed; the next one goes on from its checkpoint. One that cannot succeed (2: wrong input, 70: a defect) fails its seed at once, and only that one.
 */
export function indexedJob({ method, seeds, options, workers }: KubernetesJob, request: KubernetesRequest) {
  const { name, namespace, image, volume, cpu, memory, parallelism = seeds, retries } = request
  const command = ['quire', 'run', method, ...options, '--out', `${mount}/${method}/${name}`].map(literal)
  const labels = { 'app.kubernetes.io/name': 'quire', 'app.kubernetes.io/component': method, 'app.kubernetes.io/instance': name }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...(namespace !== undefined && { namespace }), labels },
    spec: {
      completionMode: 'Indexed',
      completions: seeds,
      parallelism: Math.min(parallelism, seeds),
      backoffLimitPerIndex: retries,
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', onExitCodes: { containerName: 'quire', operator: 'In', values: [2, 70] } },
          { action: 'Ignore', onExitCodes: { containerName: 'quire', operator: 'In', values: [130] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 120,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'quire',
              image,
              command: [...command, '--task', '$(JOB_COMPLETION_INDEX)'],
              env: [
                { name: 'QUIRE_WORKERS', value: String(workers) },
                { name: 'HOME', value: '/tmp' },
              ],
              resources: { requests: { cpu, memory }, limits: { cpu, memory } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: [
                { name: 'runs', mountPath: mount },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            {
              name: 'runs',
              ...('claim' in volume ? { persistentVolumeClaim: { claimName: volume.claim } } : { nfs: { ...volume } }),
            },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  }
}

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** A name that Kubernetes takes, or an error that says what one is. A job's pods add their index and a suffix to it, and all must fit in 63 letters. */
export function checkName(option: string, name: string, longest = 63): string {
  if (label.test(name) && name.length <= longest) return name
  throw new InputError(`'${name}' is no name in Kubernetes`, {
    where: option,
    fix: `lower-case letters, digits and - between them, at most ${longest}`,
  })
}

const quantities = { '--cpu': /^(\d+m|\d+(\.\d{1,3})?)$/, '--memory': /^\d+(\.\d+)?([KMGTP]i?|k)?$/ } as const

export function checkQuantity(option: keyof typeof quantities, text: string): string {
  if (quantities[option].test(text) && Number.parseFloat(text) > 0) return text
  throw new InputError(`'${text}' is no quantity`, { where: option, fix: option === '--cpu' ? 'for example 2 or 500m' : 'for example 4Gi' })
}

/** Whole processors of a quantity, at least one. */
export const processorsOf = (cpu: string): number =>
  Math.max(1, Math.floor(cpu.endsWith('m') ? Number.parseInt(cpu, 10) / 1000 : Number(cpu)))
