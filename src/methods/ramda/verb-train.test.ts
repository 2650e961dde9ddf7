import { expect, test } from 'vitest'
import { settled, trainOptions } from './verb-train.ts'

const optionsOf = (optimizer: string) => trainOptions.parse({ data: 'x.csv', optimizer, momentum: 0.3, lambda: 0.01 })

test('what the optimizer’s text says goes before the options, for the report as well as for training', () => {
  const { options, averaged } = settled(optionsOf('rmda:lambda=0.5,momentum=0.2,regularizer=l1'))
  expect(options).toMatchObject({ lambda: 0.5, momentum: 0.2, regularizer: 'l1', learningRate: 0.01, groups: 'input' })
  expect(averaged).toBe(true)
  expect(settled(optionsOf('ramda')).options).toMatchObject({ lambda: 0.01, momentum: 0.3 })
})

test('the c of dual averaging is not the momentum of gradient descent', () => {
  const { defaults, averaged } = settled(optionsOf('sgd'))
  expect(averaged).toBe(false)
  expect(defaults).not.toHaveProperty('momentum')
  expect(settled(optionsOf('ramda')).defaults).toMatchObject({ momentum: 0.3, lambda: 0.01 })
})
