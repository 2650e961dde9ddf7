import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readModel } from '../engine/onnx/read.ts'
import { readSafetensors } from '../engine/safetensors.ts'
import type { Check } from './check.ts'
import { readmeOf } from './readme.ts'

/** Weights and models keep the types that they are said to have. */
export const dtypes: Check = {
  name: 'dtypes',
  rule: 'Stored weights are float32, or float64 where the README says so of its safetensors; every ONNX file is float32 throughout',
  pace: 'long',
  async run(method, setting) {
    const folders = [(await setting.smoke(method)).folder, (await setting.examples(method)).folder]
    const said = readmeOf(method, setting)
      ?.split('\n')
      .some((line) => line.includes('safetensors') && line.includes('float64'))
    const weights: readonly string[] = said ? ['float32', 'float64'] : ['float32']
    return folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
        const path = join(folder, name)
        if (name.includes('checkpoints') || name.startsWith('wrong')) return []
        if (name.endsWith('.safetensors')) return strangers(name, tensorTypes(readFileSync(path)), weights)
        return name.endsWith('.onnx') ? strangers(name, onnxTypes(readFileSync(path)), ['float32']) : []
      }),
    )
  },
}

type Types = readonly (readonly [name: string, dtype: string])[]

const isFloat = (dtype: string): boolean => dtype.startsWith('float')

function strangers(file: string, types: Types, allowed: readonly string[]): string[] {
  const strange = types.find(([, dtype]) => isFloat(dtype) && !allowed.includes(dtype))
  const kinds = new Set(types.map(([, dtype]) => dtype).filter(isFloat))
  return [
    ...(strange ? [`${file}: '${strange[0]}' is ${strange[1]}, not ${allowed.join(' or ')}`] : []),
    ...(kinds.size > 1 ? [`${file} mixes ${[...kinds].join(' and ')}`] : []),
  ]
}

const tensorTypes = (bytes: Uint8Array): Types => Object.entries(readSafetensors(bytes).tensors).map(([name, { dtype }]) => [name, dtype])

function onnxTypes(bytes: Uint8Array): Types {
  const { inputs, outputs, initializers } = readModel(bytes).graph
  return [...inputs, ...outputs, ...initializers].map(({ name, dtype = 'unknown' }) => [name, dtype])
}
