import { ndarray, type Tensor } from '../../../../engine/index.ts'
import type { TensorSource } from '../../../../engine/safetensors-file.ts'
import type { DecoderConfig } from '../../config.ts'
import { type DecoderParams, type LinearParams, type LinearPlace, linearAt, type NormParams } from '../../params.ts'
import { frequencies } from '../../rotary.ts'
import { toStored } from '../layout.ts'
import { placesOf } from '../names.ts'

/** What llama.cpp calls the linear maps of a block. */
const linearNames: Readonly<Record<LinearPlace, string>> = {
  'attention.qkv': 'attn_qkv',
  'attention.query': 'attn_q',
  'attention.key': 'attn_k',
  'attention.value': 'attn_v',
  'attention.output': 'attn_output',
  'network.gate': 'ffn_gate',
  'network.up': 'ffn_up',
  'network.down': 'ffn_down',
}

type Source = Omit<TensorSource, 'format'>

/** The tensors of a model as llama.cpp names and lays them out. */
export function ggufTensors(config: DecoderConfig, params: DecoderParams): Source[] {
  const { embedding, blocks, norm, head } = params
  return [
    plain('token_embd.weight', embedding.tokens),
    ...(embedding.positions ? [plain('position_embd.weight', embedding.positions)] : []),
    ...blocks.flatMap((block, i) => [
      ...normTensors(`blk.${i}.attn_norm`, block.norm1),
      ...placesOf(config.dialect).flatMap((place) =>
        linearTensors(config, `blk.${i}.${linearNames[place]}`, place, linearAt(block, place)!),
      ),
      ...normTensors(`blk.${i}.ffn_norm`, block.norm2!),
    ]),
    ...normTensors('output_norm', norm),
    ...(head?.weight ? [plain('output.weight', head.weight)] : []),
    ...frequencyFactors(config),
  ]
}

const plain = (name: string, tensor: Tensor): Source => ({
  name,
  shape: tensor.shape,
  values: async () => (await tensor.data()) as Float32Array,
})

const normTensors = (name: string, { gain, bias }: NormParams): Source[] => [
  plain(`${name}.weight`, gain),
  ...(bias ? [plain(`${name}.bias`, bias)] : []),
]

function linearTensors(config: DecoderConfig, name: string, place: LinearPlace, { weight, bias }: LinearParams): Source[] {
  const order = pairedOrder(config, place)
  const matrix = weight as Tensor
  const values = async (tensor: Tensor, transposed: boolean) => toStored(await tensor.ndarray(), { transposed, order }).data as Float32Array
  return [
    { name: `${name}.weight`, shape: [...matrix.shape].reverse(), values: () => values(matrix, true) },
    ...(bias ? [{ name: `${name}.bias`, shape: bias.shape, values: () => values(bias, false) }] : []),
  ]
}

/**
 * Its llama architecture turns neighbouring entries (2p, 2p + 1), as Meta's own files had them, where Hugging Face's turn (p, p + width/2): the outputs of
 * q and k change places.
 */
export function pairedOrder({ modelType, heads, kvHeads, headWidth }: DecoderConfig, place: LinearPlace): Int32Array | undefined {
  if (modelType === 'qwen2' || (place !== 'attention.query' && place !== 'attention.key')) return undefined
  const half = headWidth / 2
  return Int32Array.from({ length: (place === 'attention.query' ? heads : kvHeads) * headWidth }, (_, i) => {
    const entry = i % headWidth
    return i - entry + (entry % 2) * half + Math.floor(entry / 2)
  })
}

/** Llama 3's scaling as what each frequency is divided by. */
function frequencyFactors({ positions }: DecoderConfig): Source[] {
  if (positions.kind !== 'rope' || positions.scaling?.kind !== 'llama3') return []
  const [plainTurns, scaled] = [frequencies({ ...positions, scaling: undefined }), frequencies(positions)]
  const factors = ndarray(
    Float32Array.from(plainTurns, (turn, i) => turn / scaled[i]),
    [plainTurns.length],
    'float32',
  )
  return [{ name: 'rope_freqs.weight', shape: factors.shape, values: () => factors.data as Float32Array }]
}
