// A content delivery network for packages: `/quire@0.1.0/+esm` is an entry as an address, with bare imports rewritten to addresses;
// `/files/quire@0.1.0/…` are a package's files as they are. Every origin may read.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseSync } from 'vite'

const conditions = ['browser', 'import', 'default']
const types = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm', json: 'application/json' }

/** The file that a page gets for an entry of an exports map. */
function target(exported) {
  if (typeof exported === 'string') return exported
  return target(exported[Object.keys(exported).find((condition) => conditions.includes(condition))])
}

/**
 * @param quire the unpacked package
 * @param modules the folder of the packages that it depends on
 */
export function network(quire, modules) {
  const folderOf = (name) => (name === 'quire' ? quire : join(modules, name))
  const manifestOf = (name) => JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'))
  const { dependencies } = manifestOf('quire')
  const versions = Object.fromEntries(['quire', ...Object.keys(dependencies)].map((name) => [name, manifestOf(name).version]))

  /** `quire/nn` → its file in the package. */
  const fileOf = (name, path) => {
    const { exports, module, main } = manifestOf(name)
    return target((typeof exports === 'object' ? (exports[path ? `./${path}` : '.'] ?? exports) : exports) ?? module ?? main)
  }

  const split = (specifier) => /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier).slice(1)
  const address = (specifier) => {
    const [name, path] = split(specifier)
    return versions[name] && `/${name}@${versions[name]}/${path ? `${path}/` : ''}+esm`
  }

  /** A module with its bare imports as addresses, and, where it is served from elsewhere, its relative ones too. */
  function rewritten(code, folder) {
    const { module } = parseSync('module.js', code)
    const spans = [
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
      ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest)),
      ...module.dynamicImports.map(({ moduleRequest }) => moduleRequest),
    ].filter(Boolean)
    const unique = [...new Map(spans.map((span) => [span.start, span])).values()].sort((a, b) => b.start - a.start)
    let result = code
    for (const { start, end } of unique) {
      const literal = /^(['"])(.*)\1$/.exec(code.slice(start, end))
      if (!literal) continue
      const to = literal[2].startsWith('.') ? new URL(literal[2], `http://x${folder}`).pathname : address(literal[2])
      if (to) result = `${result.slice(0, start)}'${to}'${result.slice(end)}`
    }
    return result
  }

  const server = createServer(({ url }, answer) => {
    const [, asTheyAre, name, path] = /^\/(files\/)?((?:@[^/]+\/)?[^/@]+)@[^/]+\/(.*)$/.exec(url) ?? []
    const isEntry = path === '+esm' || path?.endsWith('/+esm')
    try {
      const file = isEntry ? fileOf(name, path.replace(/\/?\+esm$/, '')).replace(/^\.\//, '') : path
      const content = readFileSync(join(folderOf(name), file))
      const type = types[file.split('.').at(-1)] ?? 'application/octet-stream'
      const place = `/${name}@${versions[name]}/${file}`
      answer.writeHead(200, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*' })
      answer.end(type === types.js && !asTheyAre ? rewritten(content.toString(), place) : content)
    } catch {
      answer.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end(`no ${url}`)
    }
  })
  return { server, versions }
}
