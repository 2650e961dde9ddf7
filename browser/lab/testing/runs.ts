import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../../src/experiment/report/report.ts'
import { runExperiment } from '../../../src/experiment/run/run.ts'
import { walk } from '../../../src/experiment/testing/walk.ts'

const about = { title: 'On walking', arxiv: '0000.00000', summary: { en: 'Walks.', zh: '行走。' } }

/** A judged run of the walk in this process, at its full speed. */
export async function judgedRun(root: string, id: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Report> {
  const folder = join(root, 'walk', id)
  const { report } = await runExperiment(walk({ real: false }), { preset: 'small', folder, about, settings })
  return report
}

/** What a script would do first. */
const deed = 'window.top.hacked = document.title = "hacked"'
const tag = `<img src=x onerror='${deed}'>`

/** The id of a run whose every name and text is written to be taken for HTML. */
export const hostileId = `${tag.replaceAll('/', '')} ?a=1&b=2 #c %2e%2e`

/** A judged run, with markup in all that it says of itself, and with artifacts that would run scripts. */
export function hostileRun(root: string, from: string): void {
  const folder = join(root, 'walk', hostileId)
  cpSync(join(root, 'walk', from), folder, { recursive: true })
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')))
  const json = JSON.stringify(tag).slice(1, -1)
  edit('run.json', (text) => text.replaceAll('On walking', json).replaceAll('the walk', json))
  edit('report.json', (text) => text.replaceAll('The walk moves', json).replaceAll('the walk', json).replaceAll('is zero', json))
  for (const name of [tag, '__proto__', 'constructor', '</script><script>'])
    for (let step = 1; step <= 5; step++)
      appendFileSync(
        join(folder, 'metrics.jsonl'),
        `${JSON.stringify({ unit: 'straight/walk--seed-0', step, name, value: step, time: 0 })}\n`,
      )
  const artifacts = join(folder, 'artifacts')
  const write = (name: string, text: string) => writeFileSync(join(artifacts, name), text)
  write('evil.html', `<!doctype html><title>calm</title><script>${deed}</script>${tag}`)
  write('evil.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload='${deed}'><title>calm</title><script>${deed}</script></svg>`)
  write('evil.txt', `${tag}<script>${deed}</script>\u202Egpj.exe`)
  write('evil.csv', `"${tag.replaceAll('"', '""')}",b\n1,"<script>${deed.replaceAll('"', '""')}</script>"\n`)
  write('evil.md', `[a](javascript:${deed}) ${tag}`)
  write(`${tag.replaceAll('/', '')}.txt`, 'a name')
  write('cut.wav', 'RIFF\0\0\0\0WAVEfmt ')
  write('entities.graphml', `<!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]><graphml><graph><node id="&x;"/></graph></graphml>`)
  write('promises.ply', 'ply\nformat ascii 1.0\nelement vertex 1000000000\nproperty float x\nend_header\n')
  write('promises.safetensors', '\xff\xff\xff\xff\xff\xff\xff\xff')
  write('enormous.txt', `${tag}\n`.repeat(60_000))
}

/** Folders that are no runs, or no more. */
export function corruptRuns(root: string, from: string): void {
  const at = (id: string) => join(root, 'walk', id)
  const copy = (id: string) => cpSync(join(root, 'walk', from), at(id), { recursive: true })
  copy('cut-short')
  writeFileSync(join(at('cut-short'), 'run.json'), '{"method": "wa')
  copy('no-metrics')
  writeFileSync(join(at('no-metrics'), 'metrics.jsonl'), Buffer.from([0, 255, 254, 10, 123, 10, 34, 0xc3, 0x28]))
  copy('bad-report')
  writeFileSync(join(at('bad-report'), 'report.json'), '{"claims": 3}')
  copy('other-version')
  const report = join(at('other-version'), 'report.json')
  writeFileSync(report, readFileSync(report, 'utf8').replaceAll('"holds"', '"maybe"'))
  mkdirSync(at('empty'))
  copy('other-shape')
  writeFileSync(join(at('other-shape'), 'run.json'), '[]')
  symlinkSync('/etc', at('elsewhere'))
}
