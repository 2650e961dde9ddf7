import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { writeSafetensors } from '../engine/index.ts'
import { ndarray } from '../engine/array.ts'
import { methods } from '../methods/index.ts'
import { type Method, verb } from '../methods/method.ts'
import { checks, makeSetting, violations } from './index.ts'
import { incomplete, tooSlow } from './smoke.ts'
import { descent, fitVerb, jitter, repositoryWith, showVerb, toy, toyExperiment } from './testing/toy.ts'

const repository = join(import.meta.dirname, '..', '..')
const setting = makeSetting(repository)
afterAll(() => setting.close())

const isBuilt = existsSync(join(repository, 'dist'))
const named = (name: string) => checks.find((check) => check.name === name)!

describe.each(methods.map((method) => [method.name, method] as const))('%s', (_, method) => {
  test.each(checks.filter(({ pace }) => pace === 'quick').map((check) => [check.name, check] as const))('%s', async (_, check) =>
    expect(await violations(check, method, setting)).toEqual([]),
  )
})

/** What a check finds wrong with a toy in a repository that holds its README. */
async function found(check: string, method: Method, change?: Parameters<typeof repositoryWith>[1]): Promise<string> {
  const root = await repositoryWith(method, change)
  return (await violations(named(check), method, { ...setting, repository: root })).join('\n')
}

describe('a sound toy passes', () => {
  const method = toy()
  test.each(checks.filter(({ name }) => name !== 'code blocks' || isBuilt).map(({ name }) => [name]))('%s', async (name) =>
    expect(await found(name, method)).toBe(''),
  )
})

describe('what is broken is found, by the names of the method and the check', () => {
  const rejects = async (check: string, method: Method, message: RegExp | string, change?: Parameters<typeof repositoryWith>[1]) => {
    const text = await found(check, method, change)
    expect(text).toContain(`toy, ${check}: `)
    expect(text).toMatch(message)
  }
  const experiment = toyExperiment()
  const [method, slow, control] = experiment.arms({}) as ReturnType<Parameters<typeof toy>[0] & {} extends never ? never : NonNullable<Parameters<typeof toyExperiment>[0]>['arms'] & {}>

  test('smoke: a step that throws', () =>
    rejects('smoke', failing((context) => (context.arm.kind === 'baseline' ? Promise.reject(new TypeError('x is no function')) : descent(context))), 'exit status 70'))

  test('smoke: a run that takes too long, unless others kept the machine busy', () => {
    expect(tooSlow({ seconds: 25, processorSeconds: 48 })[0]).toContain('24 s on 2 cores; 20 are allowed')
    expect(tooSlow({ seconds: 60, processorSeconds: 12 })).toEqual([])
  })

  test.each(['report.md', 'metrics.jsonl', 'artifacts/loss.zh.svg', 'units/slow--seed-0.json'])('smoke: no %s in the folder', async (name) => {
    const { folder } = await setting.smoke(toy())
    expect(incomplete(folder)).toEqual([])
    rmSync(join(folder, name))
    expect(incomplete(folder).join()).toMatch(/has no|is not/)
  })
})
