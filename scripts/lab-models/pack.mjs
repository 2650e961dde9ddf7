// How the models of the page are stored: safetensors, matrices in 8 bits with a scale a row, the rest in 16. `src/lab/page/demos/weights.ts` reads them.
import { toHalves } from '../../dist/engine/half.js'
import { headerBytes } from '../../dist/engine/safetensors-header.js'

/** Smaller tensors cost little, and hold norms and biases. */
const leastElements = 1024

/** The name of a matrix's scales. */
export const scaleOf = (name) => `${name}:scale`

/** float32 arrays by name → a file. Each entry of a row is a whole number from −127 to 127 times the row's scale. */
export function packed(tensors, metadata = {}, { bits = 8 } = {}) {
  const stored = Object.entries(tensors).flatMap(([name, { shape, data }]) => {
    if (bits === 16 || shape.length < 2 || data.length < leastElements) return [{ name, format: 'F16', shape, bytes: toHalves(data) }]
    const { codes, scales } = inRows(data, shape[0])
    return [
      { name, format: 'I8', shape, bytes: new Uint8Array(codes.buffer) },
      { name: scaleOf(name), format: 'F32', shape: [shape[0]], bytes: new Uint8Array(scales.buffer) },
    ]
  })
  const wide = (format) => ({ F32: 4, F16: 2, I8: 1 })[format]
  stored.sort((a, b) => wide(b.format) - wide(a.format) || (a.name < b.name ? -1 : 1))
  return Buffer.concat([headerBytes(stored, metadata), ...stored.map(({ bytes }) => bytes)])
}

function inRows(data, rows) {
  const width = data.length / rows
  const codes = new Int8Array(data.length)
  const scales = Float32Array.from({ length: rows }, (_, row) => {
    const scale = data.subarray(row * width, (row + 1) * width).reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127
    return scale > 0 ? scale : 1
  })
  for (let i = 0; i < data.length; i++) codes[i] = Math.round(data[i] / scales[Math.floor(i / width)])
  return { codes, scales }
}

/** What a reader makes of a packed file: the numbers that the page computes with. */
export function unpacked(tensors) {
  const names = Object.keys(tensors).filter((name) => !name.endsWith(':scale'))
  return Object.fromEntries(
    names.map((name) => {
      const { shape, data } = tensors[name]
      const scales = tensors[scaleOf(name)]?.data
      const width = data.length / shape[0]
      return [
        name,
        { shape, dtype: 'float32', data: scales ? Float32Array.from(data, (code, i) => code * scales[Math.floor(i / width)]) : data },
      ]
    }),
  )
}
