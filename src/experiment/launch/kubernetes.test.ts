import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { checkName, checkQuantity, indexedJob, type KubernetesRequest, literal, processorsOf } from './kubernetes.ts'

const request: KubernetesRequest = { name: 'j', image: 'i', volume: { claim: 'c' }, cpu: '1', memory: '1Gi', retries: 3 }
const job = (changed: Partial<KubernetesRequest> = {}) =>
  indexedJob({ method: 'walk', seeds: 6, options: ['--seeds', '6'], workers: 1 }, { ...request, ...changed })

/** What Kubernetes makes of a word of a command: `$(NAME)` is the variable if there is one, `$$` is a dollar, and all else is itself. */
const expanded = (word: string, variables: Record<string, string>): string =>
  word.replace(/\$\$|\$\(([^)]*)\)/g, (found, name) => (found === '$$' ? '$' : (variables[name] ?? found)))

describe('an Indexed Job', () => {
  test('has a pod a seed, which knows its own', () => {
    const { spec } = job()
    expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 6, parallelism: 6 })
    const [{ command }] = spec.template.spec.containers
    expect(command.slice(-2).map((word) => expanded(word, { JOB_COMPLETION_INDEX: '4' }))).toEqual(['--task', '4'])
  })

  test('asks for no more pods at a time than there are seeds', () => {
    expect(job({ parallelism: 2 }).spec.parallelism).toBe(2)
    expect(job({ parallelism: 20 }).spec.parallelism).toBe(6)
  })

  test('knows which failures are none: the first rule that fits an exit status is followed', () => {
    const { rules } = job().spec.podFailurePolicy
    const actionFor = (status: number) => rules.find(({ onExitCodes }) => onExitCodes?.values.includes(status))?.action ?? 'Count'
    expect([130, 2, 70, 137, 1].map(actionFor)).toEqual(['Ignore', 'FailIndex', 'FailIndex', 'Count', 'Count'])
  })

  test('keeps the rules of the restricted pod security standard', () => {
    const { securityContext, containers } = job().spec.template.spec
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(containers[0].securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })
  })

  test('stores the run on a claim or a directory of a server', () => {
    expect(job().spec.template.spec.volumes[0]).toEqual({ name: 'runs', persistentVolumeClaim: { claimName: 'c' } })
    const nfs = { server: 's', path: '/p' }
    expect(job({ volume: nfs }).spec.template.spec.volumes[0]).toEqual({ name: 'runs', nfs })
  })
})

test('no word of the user’s is taken for a variable', () => {
  const word = fc.array(fc.constantFrom('$', '(', ')', 'HOME', 'a', '$(HOME)')).map((parts) => parts.join(''))
  fc.assert(fc.property(word, (text) => expanded(literal(text), { HOME: 'home', a: 'b' }) === text))
  expect(expanded('$(HOME)', { HOME: 'home' })).toBe('home')
})

test.each(['', 'A', '-a', 'a-', 'a.b', 'a b', 'a\nb', 'x'.repeat(64), 'é'])('%j is no name', (name) =>
  expect(() => checkName('--name', name)).toThrow(InputError),
)

test.each(['--cpu', '--memory'] as const)('%s takes quantities only', (option) => {
  const good = { '--cpu': ['1', '0.5', '500m'], '--memory': ['512Mi', '4Gi', '1.5G', '1000000'] }
  for (const text of good[option]) expect(checkQuantity(option, text)).toBe(text)
  for (const text of ['', '0', '-1', '1 Gi', '4GB', 'many', '1e', '2\n']) expect(() => checkQuantity(option, text)).toThrow(InputError)
})

test.each([
  ['500m', 1],
  ['1', 1],
  ['2500m', 2],
  ['4', 4],
  ['3.9', 3],
])('%s are %d processors', (cpu, count) => expect(processorsOf(cpu)).toBe(count))
