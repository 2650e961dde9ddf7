import { InputError } from '../errors.ts'
import { opset } from '../onnx/format.ts'
import { encodeModel } from '../onnx/write.ts'
import type { Runtime } from './runtime.ts'

const scalar = (name: string) => ({ name, dtype: 'float32' as const, shape: [] })

/** The smallest model, of the version that all models here have. */
const smallest = {
  name: 'probe',
  inputs: [scalar('x')],
  nodes: [{ type: 'Identity', name: 'y', inputs: ['x'], outputs: ['y'], attributes: {} }],
  outputs: [scalar('y')],
  initializers: [],
}

/** The runtime itself, once it has taken a model: one of another version says here, and not in the middle of a run, that it does not. */
export async function tried(runtime: Runtime): Promise<Runtime> {
  try {
    await runtime.createSession(encodeModel(smallest), { inputs: ['x'], outputs: ['y'], results: [scalar('y')] })
    return runtime
  } catch (cause) {
    const reason = String(cause instanceof Error ? cause.message : cause).split('\n')[0]
    throw new InputError(`${runtime.name} ${runtime.version} does not take models of ONNX opset ${opset}: ${reason}`, {
      fix: 'npm install onnxruntime-web@1.30 onnxruntime-node@1.30',
      cause,
    })
  }
}
