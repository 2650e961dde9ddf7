import { ndarray } from '../array.ts'
import { bytesOf, elementType, type OnnxGraph } from '../onnx/format.ts'
import { encodeModel } from '../onnx/write.ts'
import type { Runtime, SessionSignature } from './runtime.ts'

/*
 * ONNX Runtime convolves fastest in a layout of its own, [n, c / b, h, w, b], with as many channels b beside each other as a vector register holds. Its
 * optimizer puts models into it when they are loaded; we do so ourselves, since kernels change from step to step, which its optimizer does not expect.
 */

/** The domain of the runtime's operators on blocks of channels. */
export const blockedDomain = 'com.microsoft.nchwc'

/** Fewer channels than any layout puts together. */
const fewest = 4

/** The elements of an array of `fewest` channels, once it is in blocks. */
const probe: OnnxGraph = {
  name: 'blocked',
  inputs: [],
  nodes: [
    { type: 'ReorderInput', domain: blockedDomain, name: 'blocked', inputs: ['x'], outputs: ['blocked'], attributes: {} },
    { type: 'Size', name: 'size', inputs: ['blocked'], outputs: ['size'], attributes: {} },
    { type: 'Cast', name: 'block', inputs: ['size'], outputs: ['block'], attributes: { to: elementType.float32 } },
  ],
  outputs: [{ name: 'block', dtype: 'float32', shape: [] }],
  initializers: [
    {
      name: 'x',
      dtype: 'float32' as const,
      shape: [1, fewest, 1, 1],
      bytes: bytesOf(ndarray(new Float32Array(fewest), [fewest], 'float32')),
    },
  ],
}

const signature: SessionSignature = { inputs: [], outputs: ['block'], results: [{ shape: [], dtype: 'float32' }] }

/** The `channelBlock` of a runtime whose sessions answer at once, as it finds when it is asked. */
export function channelBlockOf(runtime: Pick<Runtime, 'createSession'>): number | undefined {
  try {
    const session = runtime.createSession(encodeModel(probe), signature)
    const results = 'run' in session ? session.run([]) : undefined
    const size = Array.isArray(results) ? results[0].data[0] : 0
    return size > fewest ? size : undefined
  } catch {
    return undefined
  }
}
