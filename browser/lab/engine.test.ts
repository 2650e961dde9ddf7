import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engineTexts } from '../../src/lab/page/demos/texts.ts'
import { texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'
import { judgedRun } from './testing/runs.ts'

const [run, file] = ['walk/modelled', 'artifacts/second.onnx']

const { lab, read } = readLab(async ({ root }) => {
  await judgedRun(root, 'modelled')
  for (const name of ['first', 'second']) writeFileSync(join(root, 'walk', 'modelled', 'artifacts', `${name}.onnx`), name)
})

test('the model of a run is looked into at once, and what is chosen is in the address', async () => {
  const { page, close } = await read(`${lab.url}/runs/${run}`)
  const asked: unknown[] = []
  await page.route('**/api/engine', (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    asked.push(route.request().postDataJSON())
    return route.fulfill({ status: 400, json: { error: { message: 'no model of anything' } } })
  })
  await page
    .getByRole('listitem')
    .filter({ hasText: 'second.onnx' })
    .getByRole('link', { name: word(texts.inEngineView) })
    .click()
  await page.getByText('no model of anything').waitFor()
  expect(asked).toEqual([{ run, file, time: false }])
  const subject = page.getByLabel(word(engineTexts.subject))
  const chosen = () => subject.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text)
  expect(await chosen()).toBe(`${run}: ${file}`)
  await subject.selectOption('mlp')
  await expect.poll(() => page.url()).not.toContain('file=')
  await subject.selectOption({ label: `${run}: artifacts/first.onnx` })
  await page.reload()
  await expect.poll(chosen).toBe(`${run}: artifacts/first.onnx`)
  await expect.poll(() => asked.length).toBe(2)
  expect(asked[1]).toEqual({ run, file: 'artifacts/first.onnx', time: false })
  await close()
})
