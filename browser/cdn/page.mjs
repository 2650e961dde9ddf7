// The page that imports Quire from another origin, what it computes, and what must come out.

/** A gradient and some training, with the entries given; it runs in the page and in Node. */
export async function program({ quire, nn, optim, train }) {
  const { getRuntime, grad, key, random, square, sum, tensor } = quire
  const gradient = Array.from(await grad((x) => sum(square(x)))(tensor([1, 2, 3])).data())
  const model = nn.mlp({ sizes: [8, 16, 2] })
  const step = train.trainStep((params, { x, y }) => nn.crossEntropy(model.apply(params, x), y), optim.adam({ learningRate: 1e-2 }))
  const x = random.normal(key(1), [32, 8])
  const y = tensor(
    Array.from({ length: 32 }, (_, i) => i % 2),
    { dtype: 'int32' },
  )
  const batch = { x: await x.ndarray(), y: await y.ndarray() }
  let state = step.init(model.init(key(0)))
  const losses = []
  for (let i = 0; i < 20; i++) {
    state = await step(state, batch)
    losses.push(state.loss)
  }
  const { name, threads } = await getRuntime()
  return { gradient, losses, runtime: name, threads, isolated: globalThis.crossOriginIsolated }
}

const entries = { quire: '', nn: '/nn', optim: '/optim', train: '/train' }

const result = `Promise.resolve().then(() => (${program})({ quire, nn, optim, train })).then((value) => value, ({ message }) => ({ message }))`

const importing = (address, configuration = '') => `
  <script type="module">
    ${Object.entries(entries)
      .map(([name, path]) => `import * as ${name} from '${address(path)}'`)
      .join('\n')}
    ${configuration}
    globalThis.result = await ${result}
  </script>`

/** How a page imports the entries, and what it configures. */
export const ways = {
  /** As on esm.sh, and jsDelivr's +esm: each entry is an address. The runtime's script is then not beside its .wasm file. */
  addresses: (origin, { quire, 'onnxruntime-web': ort }) =>
    importing(
      (path) => `${origin}/quire@${quire}${path}/+esm`,
      `quire.configureRuntime({ wasmPaths: '${origin}/files/onnxruntime-web@${ort}/dist/' })`,
    ),
  /** An import map says where bare names lie; all files are at their places, and nothing is configured. */
  'import-map'(origin, versions) {
    const at = (name, file) => `${origin}/files/${name}@${versions[name]}/${file}`
    const imports = {
      quire: at('quire', 'dist/engine/index.js'),
      ...Object.fromEntries(['nn', 'optim', 'train'].map((name) => [`quire/${name}`, at('quire', `dist/${name}/index.js`)])),
      'onnxruntime-web/wasm': at('onnxruntime-web', 'dist/ort.wasm.bundle.min.mjs'),
      pbf: at('pbf', 'index.js'),
    }
    return `<script type="importmap">${JSON.stringify({ imports })}</script>${importing((path) => `quire${path}`)}`
  },
  /** As `addresses`, but the page does not say where the .wasm file lies. */
  lost: (origin, { quire }) => importing((path) => `${origin}/quire@${quire}${path}/+esm`),
}

export const page = (how, origin, versions) =>
  `<!doctype html><meta charset="utf-8"><title>${how}</title>${ways[how]?.(origin, versions) ?? ''}`

/** What must be true of a page's result: `[what, what is wrong with it]`. */
export function check(how, result, inNode) {
  if (!result) return [['the page ends', 'there is no result']]
  if (how === 'lost') return [['the error says what to configure', /wasmPaths/.test(result.message) ? '' : JSON.stringify(result)]]
  if (result.message) return [['the program ends', result.message]]
  const apart = Math.max(...result.losses.map((loss, i) => Math.abs(loss - inNode.losses[i])))
  return [
    ['the gradient of Σx² is 2x', String(result.gradient) === '2,4,6' ? '' : `${result.gradient}`],
    ['training gives the losses that Node gives, within 1e-4', result.losses.length === 20 && apart <= 1e-4 ? '' : `${apart}`],
    ['the loss falls', result.losses.at(-1) < result.losses[0] ? '' : `${result.losses}`],
    ['it runs on WebAssembly', /wasm/.test(result.runtime) ? '' : result.runtime],
    ['the page is not isolated, and can ask that there is 1 thread', !result.isolated && result.threads === 1 ? '' : `${result.threads}`],
  ]
}
