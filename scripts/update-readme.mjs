// Keeps a run's short report beside its method (measured.json), fills the README's tables from it, and copies its figures into docs/images:
//   npm run build && node scripts/update-readme.mjs RUN     without RUN: makes every README again from what is kept
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filledReadme, sectionOf, sectionsIn, shortened } from '../dist/conformance/measured.js'
import { methods } from '../dist/methods/index.js'

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const fileOf = (method, name) => join('src/methods', method, name)
const storedOf = (method) => (existsSync(fileOf(method, 'measured.json')) ? read(fileOf(method, 'measured.json')) : {})

async function fill(method, runs) {
  const path = fileOf(method.name, 'README.md')
  writeFileSync(path, filledReadme(readFileSync(path, 'utf8'), runs, await method.experiment()))
}

function keep(run) {
  const report = read(join(run, 'report.json'))
  const section = sectionOf(report)
  if (!sectionsIn(readFileSync(fileOf(report.method, 'README.md'), 'utf8')).includes(section)) {
    console.error(`update-readme: the README of ${report.method} has no section <!-- ${section} -->`)
    process.exit(2)
  }
  const runs = { ...storedOf(report.method), [section]: shortened(report) }
  writeFileSync(fileOf(report.method, 'measured.json'), `${JSON.stringify(runs, null, 1)}\n`)
  mkdirSync('docs/images', { recursive: true })
  for (const figure of readdirSync(join(run, 'artifacts')).filter((name) => name.endsWith('.svg') && !name.endsWith('.zh.svg')))
    copyFileSync(join(run, 'artifacts', figure), join('docs/images', `${report.method}-${figure}`))
  return report.method
}

const [run] = process.argv.slice(2)
const chosen = run === undefined ? methods : [keep(run)].map((kept) => methods.find(({ name }) => name === kept))
for (const method of chosen) await fill(method, storedOf(method.name))
console.log(`made again: ${chosen.map(({ name }) => fileOf(name, 'README.md')).join(', ')}`)
