// `npm run build && npm run budgets`: what an importer pays, against scripts/budgets.json. A size over its budget fails; a time over its budget is
// only said, since it depends on the machine. `-- --write` also writes the sizes into docs/packaging.md.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleSize } from './budgets/bundle-size.mjs'
import { entryPoints, root } from './examples/exports.mjs'

const budgets = JSON.parse(readFileSync(join(root, 'scripts/budgets.json'), 'utf8'))
let [within, over] = [0, 0]

/** One line of the table; what counts can fail. */
function line(name, value, unit, budget, { counts = true, note = '' } = {}) {
  const isOver = budget !== undefined && value > budget
  if (budget !== undefined && counts) isOver ? over++ : within++
  const verdict = budget === undefined ? '' : isOver ? (counts ? 'OVER' : 'over (a time: no failure)') : 'ok'
  const of = budget === undefined ? '' : `of ${budget} ${unit}`
  console.log(
    `${name.padEnd(32)} ${value.toFixed(unit === 's' ? 2 : unit === 'kB' ? 1 : 0).padStart(8)} ${unit.padEnd(5)} ${of.padEnd(12)} ${verdict} ${note}`.trimEnd(),
  )
}

console.log('gzip of each entry, bundled whole and minified, without the runtimes')
const sizes = []
for (const { name, built } of entryPoints) {
  const size = await bundleSize(`export * from '${built}'`)
  sizes.push({ name, ...size })
  line(name, size.atOnce, 'kB', budgets.entries[name]?.kilobytes, {
    note: size.later >= 0.05 ? `+ ${size.later.toFixed(1)} kB when asked for` : '',
  })
  if (!budgets.entries[name]) {
    console.log(`    ${name} has no budget in scripts/budgets.json`)
    over++
  }
}
const programs = []
for (const [program, { code, kilobytes }] of Object.entries(budgets.programs)) {
  const size = await bundleSize(code.join('\n'))
  programs.push({ program, kilobytes, ...size })
  line(program, size.atOnce, 'kB', kilobytes)
}

console.log('\nthe package')
const [{ size, unpackedSize, entryCount }] = JSON.parse(
  spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }).stdout,
)
line('tarball', size / 1e3, 'kB', budgets.package.tarballKilobytes, {
  note: `${entryCount} files, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`,
})

console.log('\ntimes on this machine')
const seconds = (args, cwd = root) => {
  const start = performance.now()
  const { status, stdout } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stdout}`)
  return (performance.now() - start) / 1e3
}
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const best = (count, args) => Math.min(...Array.from({ length: count }, () => seconds(args)))
const times = { counts: false }
line('tsc of this repository', seconds([tsc, '--noEmit']), 's', budgets.seconds.typeCheck, times)
const consumer = mkdtempSync(join(tmpdir(), 'quire-consumer-'))
mkdirSync(join(consumer, 'node_modules'))
symlinkSync(root, join(consumer, 'node_modules/quire'), 'dir')
writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }')
writeFileSync(join(consumer, 'a.ts'), entryPoints.map(({ name }, i) => `export * as entry${i} from '${name}'`).join('\n'))
line(
  'tsc of a file with every entry',
  seconds(
    [
      tsc,
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--typeRoots',
      join(root, 'node_modules/@types'),
      '--types',
      'node',
      'a.ts',
    ],
    consumer,
  ),
  's',
  budgets.seconds.typeCheckConsumer,
  times,
)
rmSync(consumer, { recursive: true })
line('node', best(5, ['-e', '0']), 's')
line('quire list', best(5, ['dist/cli/main.js', 'list']), 's', budgets.seconds.list, times)
line('quire --help', best(5, ['dist/cli/main.js', '--help']), 's', budgets.seconds.help, times)

console.log('\nlines of TypeScript, without tests')
const sources = join(root, 'src')
const counted = new Map()
for (const path of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
  const [floor] = path.split(/[\\/]/)
  if (!path.endsWith('.ts') || /\.test(-d)?\.ts$|[\\/]testing[\\/]/.test(path) || floor === path) continue
  const { lines = 0, files = 0 } = counted.get(floor) ?? {}
  counted.set(floor, { lines: lines + readFileSync(join(sources, path), 'utf8').split('\n').length - 1, files: files + 1 })
}
for (const [floor, { lines, files }] of counted) line(`${floor}/`, lines, 'lines', undefined, { note: `${files} files` })
line(
  'all',
  [...counted.values()].reduce((sum, { lines }) => sum + lines, 0),
  'lines',
)

if (process.argv.includes('--write')) {
  const path = join(root, 'docs/packaging.md')
  const kB = (value) => (value < 0.05 ? '' : `${value.toFixed(1)} kB`)
  const row = (name, what, where, { atOnce, later }, budget) =>
    `| ${name} | ${what} | ${where} | ${kB(atOnce)} | ${kB(later)} | ${budget} kB |`
  const rows = [
    ...sizes.map(({ name, ...size }) => {
      const { what, onlyNode, kilobytes } = budgets.entries[name]
      return row(`\`${name}\``, what, onlyNode ? 'Node' : 'Node, pages', size, kilobytes)
    }),
    ...programs.map(({ program, kilobytes, ...size }) => row(program, '', '', size, kilobytes)),
  ]
  const table = ['| entry | what it holds | where | at once | when asked for | budget |', '|---|---|---|---|---|---|', ...rows].join('\n')
  const text = readFileSync(path, 'utf8').replace(/<!-- sizes -->[\s\S]*<!-- \/sizes -->/, `<!-- sizes -->\n${table}\n<!-- /sizes -->`)
  writeFileSync(path, text)
}
console.log(`\n${within} passed, ${over} failed`)
process.exit(over > 0 ? 1 : 0)
