/** The files' arrays in the order that the JavaScript peers are fastest in: channels last. */

/** Kernels: [out, in, h, w], as the files hold them, to [h, w, in, out]. */
export function fromFiles({ shape, data }) {
  if (shape.length !== 4) return { shape, data }
  const [outputs, inputs, height, width] = shape
  const result = new Float32Array(data.length)
  const taps = height * width
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) result[(tap * inputs + i) * outputs + o] = data[(o * inputs + i) * taps + tap]
    }
  }
  return { shape: [height, width, inputs, outputs], data: result }
}

/** Images: [n, 1, h, w], as the files hold them, to [n, h, w, 1]. */
export const images = ({ shape, data }) => (shape.length === 4 ? { shape: [shape[0], ...shape.slice(2), 1], data } : { shape, data })
