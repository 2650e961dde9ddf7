import { zerosArray } from '../../../engine/array.ts'
import { compileStep, fromArray, InputError } from '../../../engine/index.ts'
import { importOnnx } from '../../../engine/onnx/index.ts'
import { dtypeOf } from '../../../engine/onnx/tensors.ts'
import type { Subject } from './analyse.ts'
import { type ExampleStep, examples } from './examples.ts'

type Result = ReturnType<ExampleStep['transition']>

/** A training step by its name. It is run once, and once more with a batch of another size where it has one, so that there are sessions to show. */
export async function exampleSubject(name: string): Promise<Subject> {
  if (!Object.hasOwn(examples, name))
    throw new InputError(`there is no example '${name}'`, { fix: `take ${Object.keys(examples).join(', ')}` })
  const { transition, state, batch, other } = examples[name].make()
  const step = compileStep(transition as never) as (state: unknown, batch: unknown) => Promise<unknown>
  await step(state, batch)
  if (other) await step(state, other)
  return { fn: transition as never, args: [state, batch], loss: ({ output }: Result) => output.loss.node } as Subject
}

/** The function in an ONNX file, at the sizes that it says; what it leaves open is 1. */
export function onnxSubject(bytes: Uint8Array): Subject {
  const model = importOnnx(bytes)
  const inputs = Object.fromEntries(
    model.inputs.map(({ name, dtype = 'float32', shape = [] }) => [
      name,
      fromArray(
        zerosArray(
          shape.map((extent) => (typeof extent === 'number' ? extent : 1)),
          dtypeOf[dtype],
        ),
      ),
    ]),
  )
  const fn = (parameters: typeof model.parameters, given: typeof inputs) => model.apply(parameters, given)
  return { fn: fn as never, args: [model.parameters, inputs] }
}
