/** Transformers.js on the ONNX files of the directory's `onnx` folder. */

import { basename, dirname } from 'node:path'
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers'
import { job, measureGeneration, prompts } from './harness.mjs'

Object.assign(env, { allowRemoteModels: false, localModelPath: dirname(job.folder) })
const model = await AutoModelForCausalLM.from_pretrained(basename(job.folder), { dtype: 'fp32', device: 'cpu', local_files_only: true })
const shape = [job.batch, job.prompt]
const int64 = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), shape)

await measureGeneration(async (tokens) => {
  const ids = await model.generate({
    inputs: int64(prompts.flat()),
    attention_mask: int64(prompts.flat().map(() => 1)),
    max_new_tokens: tokens,
    min_new_tokens: tokens,
    do_sample: false,
  })
  return ids.tolist().map((row) => row.slice(job.prompt).map(Number))
})
