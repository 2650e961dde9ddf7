import { expect, test } from 'vitest'
import { processOf } from '../../kits/diffusion/index.ts'
import { sharesOf } from './budget.ts'
import { planGroups } from './groups.ts'
import { planIn, planText } from './plan-file.ts'

const process = processOf({ kind: 'discrete', steps: 100, schedule: 'cosine' })
const groups = planGroups(process, { count: 3, by: 'uniform', minWidth: 10 })
const shares = sharesOf(groups, 'difficulty', 0.5)
const planned = groups.map((group, i) => ({ ...group, share: shares[i] }))
const text = (changes: readonly object[]) =>
  JSON.stringify({ process: process.config, groups: planned.map(({ from, to, share }, i) => ({ from, to, share, ...changes[i] })) })

test('a plan that is written is read again', () => {
  expect(planIn(planText(process.config, planned), process, 10, 'plan.json')).toEqual(planned)
})

test.each([
  ['no JSON', '{', 'plan.json: is no JSON'],
  ['something else', '[]', 'plan.json: is no plan'],
  ['an overlap', text([{}, { from: 30 }]), 'group 2 begins at 30, within the one before it, which ends at 34'],
  ['a gap', text([{}, { from: 40 }]), 'there is a gap between 34 and 40'],
  ['a narrow group', text([{ to: 5 }, { from: 5 }]), 'group 1, from 1 to 5, is narrower than 10 steps'],
  ['times that are left out', text([{ from: 2 }]), 'groups from 2 to 101 leave times out'],
  ['a share above 1', text([{ share: 1.5 }]), 'groups.0.share'],
  [
    'another schedule',
    JSON.stringify({ process: { kind: 'discrete', steps: 1000, schedule: 'linear' }, groups: planned }),
    'is for a linear chain of 1000 steps, the base for a cosine chain of 100 steps',
  ],
])('%s is refused in one line', (_, content, message) => {
  expect(() => planIn(content, process, 10, 'plan.json')).toThrow(message)
})
