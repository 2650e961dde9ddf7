// `npm run build && npm run test:package`: the packed tarball, installed in empty folders with the package registry alone in reach, as strangers do it:
// with scripts, without, and without optional packages; and used there, by the oldest Node and the current one. Ends `N passed, M failed`.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryPoints, root } from './examples/exports.mjs'
import { consumer } from './package/consumer.mjs'
import { registryOnly } from './package/proxy.mjs'

/** The oldest Node that is supported, with the npm that comes with it, and the newest with long support. */
const oldest = { node: '20.19', npm: '10' }
const current = { node: '24', npm: '11' }

const budgets = JSON.parse(readFileSync(join(root, 'scripts/budgets.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'quire-package-'))
let [passed, failed] = [0, 0]

function check(name, problem) {
  if (problem) failed++
  else passed++
  console.log(`${problem ? 'FAILED' : 'ok'}  ${name}${problem ? `\n${String(problem).trim().replace(/^/gm, '    ')}` : ''}`)
}

/** Runs a program to its end; the process goes on serving the proxy meanwhile. */
const run = (program, args, { cwd = folder, env = {} } = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...cleanEnv, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) =>
      resolve({ status, out, err, problem: status === 0 ? undefined : `${program} ${args.join(' ')}: status ${status}\n${err || out}` }),
    )
  })

/** Nothing of this checkout's settings: `npm run` hands them on. */
const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_|^QUIRE_|^ONNXRUNTIME_|^NODE_OPTIONS$/.test(name)),
)

const npmConfig = (name) => spawnSync('npm', ['config', 'get', name], { cwd: folder, encoding: 'utf8', env: cleanEnv }).stdout.trim()
const registry = npmConfig('registry')
const cache = npmConfig('cache')

function skip(reason) {
  console.log(`SKIPPED: ${reason}`)
  console.log('0 passed, 0 failed')
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

if (spawnSync('npm', ['view', 'onnxruntime-web', 'version'], { cwd: folder, env: cleanEnv, timeout: 30_000 }).status !== 0)
  skip('the package registry cannot be reached')
if (npmConfig('https-proxy') !== 'null') skip('npm goes through a proxy already; this test puts one of its own in its place')

const proxy = await registryOnly(registry)
const behindProxy = {
  npm_config_proxy: proxy.url,
  npm_config_https_proxy: proxy.url,
  npm_config_noproxy: '',
  npm_config_cache: cache,
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  // The native runtime's install script reads these.
  GLOBAL_AGENT_HTTP_PROXY: proxy.url,
  GLOBAL_AGENT_HTTPS_PROXY: proxy.url,
}

/** Programs from the registry, in a folder of their own: Node's binary and npm of a release. */
async function toolchain({ node, npm }) {
  const cwd = join(folder, `node-${node}`)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), '{ "private": true }')
  const binary = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const { problem } = await run('npm', ['install', '--ignore-scripts', `${binary}@${node}`, `npm@${npm}`], { cwd, env: behindProxy })
  if (problem) skip(`there is no Node ${node} for this platform in the registry: ${problem}`)
  const path = join(cwd, 'node_modules', binary, 'bin', 'node')
  return { node: path, npm: [path, join(cwd, 'node_modules/npm/bin/npm-cli.js')], version: (await run(path, ['--version'])).out.trim() }
}

const started = performance.now()
const names = entryPoints.map(({ name }) => name)

/** The compiled program of the first project, in another. */
function shareProgram(cwd) {
  for (const path of ['required.cjs', 'out']) cpSync(join(withScripts.cwd, path), join(cwd, path), { recursive: true })
}

const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8', env: cleanEnv })
const tarball = join(folder, packed.stdout.trim())
console.log(`${packed.stdout.trim()}: ${(statSync(tarball).size / 1e3).toFixed(0)} kB`)

// Import alone: there is no CommonJS build, since Node 20.19 and later require() ES modules; below it is tried.
const bin = (name) => join(root, 'node_modules', name)
check(
  'publint finds nothing',
  (await run(process.execPath, [bin('publint/src/cli.js'), 'run', tarball, '--strict'], { cwd: root })).problem,
)
const attw = [bin('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color']
check('are-the-types-wrong finds nothing', (await run(process.execPath, attw, { cwd: root })).problem)

const old = await toolchain(oldest)
const recent = await toolchain(current)

/** An empty project with the tarball installed by this npm. */
async function installed(name, { npm: [node, npm] }, args) {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const result = await run(node, [npm, 'install', ...args, tarball], {
    cwd,
    env: { ...behindProxy, PATH: `${join(node, '..')}:${process.env.PATH}` },
  })
  return { cwd, ...result }
}

/** What a stranger does first, by the program of this Node; `runtime` is what should run. It trains once on each runtime: once by the oldest Node, once by the newest. */
async function uses({ node, version }, cwd, runtime, { trains = true } = {}) {
  const quire = (...args) => run(node, [join(cwd, 'node_modules/quire/dist/cli/main.js'), ...args], { cwd })
  const doctor = await quire('doctor', '--json')
  const used = doctor.problem ? '' : JSON.parse(doctor.out).findings.find(({ what }) => what === 'runtime').found
  check(`${version}: quire doctor says that ${runtime} runs`, doctor.problem ?? (used.startsWith(runtime) ? undefined : used))
  const list = await quire('list')
  check(`${version}: quire list`, list.problem ?? (list.out.includes('ramda') ? undefined : list.out))
  if (trains) {
    const out = join(cwd, `run-${version}-${runtime}`)
    const smoke = await quire('run', 'prgd', '--preset', 'smoke', '--out', out)
    const isReported =
      [0, 1, 3].includes(smoke.status) && readdirSync(out, { recursive: true }).some((path) => path.endsWith('report.json'))
    check(`${version}: quire run prgd --preset smoke ends with a report`, isReported ? undefined : smoke.err || smoke.out)
  }
  check(`${version}: require('quire…') of every entry`, (await run(node, ['required.cjs'], { cwd })).problem)
  check(`${version}: a program that imports every entry`, (await run(node, ['out/program.js'], { cwd })).problem)
}

// With scripts, npm leaves the native runtime out where its script cannot download CUDA; what the doctor then says brings it.
const withScripts = await installed('scripts', old, ['@types/node@20'])
check('npm install, scripts on, goes through', withScripts.problem)
check(
  'nothing was asked of a host but the registry, save for CUDA',
  proxy
    .refused()
    .filter((host) => !/nuget|visualstudio|blob\.core/.test(host))
    .join(', '),
)
const refusedBefore = proxy.refused().length
consumer(
  withScripts.cwd,
  names,
  names.filter((name) => !budgets.entries[name].onlyNode),
)
for (const [compiler, tsc, projects] of [
  ['TypeScript 7', 'typescript/bin/tsc', ['program.bundler', 'program.nodenext', 'page.bundler', 'page.nodenext']],
  ['TypeScript 5.6', '@arethetypeswrong/core/node_modules/typescript/bin/tsc', ['program.nodenext', 'page.bundler']],
])
  for (const project of projects) {
    const { problem } = await run(process.execPath, [join(root, 'node_modules', tsc), '-p', `${project}.json`], { cwd: withScripts.cwd })
    check(`${compiler} checks ${project}, declarations of libraries included`, problem)
  }
const doctor = await run(old.node, ['node_modules/quire/dist/cli/main.js', 'doctor', '--json'], { cwd: withScripts.cwd })
const { ok, fix } = JSON.parse(doctor.out).findings.find(({ what }) => what === 'onnxruntime-node')
if (refusedBefore === 0 || ok) console.log('note: the install script of onnxruntime-node has asked for nothing on this platform')
else {
  await uses(old, withScripts.cwd, 'onnxruntime-web', { trains: false })
  const [, advice] = /npm (install .*?) \(/.exec(fix)
  const again = await run(old.npm[0], [old.npm[1], ...advice.split(' ')], {
    cwd: withScripts.cwd,
    env: { ...behindProxy, PATH: `${join(old.node, '..')}:${process.env.PATH}` },
  })
  check(
    `what quire doctor says then: npm ${advice}`,
    again.problem ?? (proxy.refused().length > refusedBefore ? `asked for ${proxy.refused().slice(refusedBefore)}` : undefined),
  )
}
await uses(old, withScripts.cwd, 'onnxruntime-node')

const without = await installed('ignore-scripts', recent, ['--ignore-scripts'])
check('npm install --ignore-scripts goes through', without.problem)
shareProgram(without.cwd)
await uses(recent, without.cwd, 'onnxruntime-node', { trains: false })

const lean = await installed('omit-optional', recent, ['--omit=optional'])
check('npm install --omit=optional goes through', lean.problem)
shareProgram(lean.cwd)
await uses(old, lean.cwd, 'onnxruntime-web', { trains: false })
await uses(recent, lean.cwd, 'onnxruntime-web')

proxy.close()
rmSync(folder, { recursive: true, force: true })
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s; hosts refused: ${[...new Set(proxy.refused())].join(', ') || 'none'}`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
