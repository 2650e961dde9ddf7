/** What is known of a model of the page; `public/models/models.json`, which `scripts/lab-models.mjs` writes. */
export interface ModelAbout<Quality = unknown> {
  readonly file: string
  readonly bytes: number
  readonly from: ModelOrigin
  readonly quality: Quality
}

/** The unit of a run that left the weights, or a training of the script's own by the method's functions. */
export interface ModelOrigin {
  readonly method: string
  readonly run?: string
  readonly preset?: string
  /** What makes them once more, one after another. */
  readonly commands?: readonly string[]
  readonly commit?: string
  readonly unit?: string
  readonly training?: unknown
}

export interface DataAbout {
  readonly name: string
  readonly real: boolean
  readonly sha256: string
}

export interface DigitQuality {
  readonly accuracy: number
  /** P@k under the worst of the attacks, and under ERAttack alone. */
  readonly precisionUnderAttack: number
  readonly precisionUnderERAttack: number
  readonly precisionAtRandom: number
}

export interface UTurnQuality {
  readonly sigmas: readonly number[]
  /** Of starts with what came back, centred, with the run's own weights and with those that are stored here. */
  readonly correlation: readonly number[]
  readonly correlationStored: readonly number[]
}

export interface TextQuality {
  /** Bits a byte of test texts, by domain. */
  readonly bitsPerByte: Readonly<Record<string, number>>
  readonly bitsPerByteStored: Readonly<Record<string, number>>
  /** Of the model that the last training began with. */
  readonly bitsPerByteBefore?: Readonly<Record<string, number>>
}

export interface ModelList {
  readonly command: string
  readonly digit: { readonly data: DataAbout; readonly models: readonly ModelAbout<DigitQuality>[] }
  readonly 'u-turn': { readonly data: DataAbout; readonly models: readonly ModelAbout<UTurnQuality>[] }
  readonly text: { readonly data: readonly DataAbout[]; readonly models: readonly ModelAbout<TextQuality>[] }
}

const folder = '/models/'

/** The bytes of a model's file. @throws Error where the server does not have it. */
export async function fetchModel(file: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetchFile(file)).arrayBuffer())
}

export const fetchModelList = async (): Promise<ModelList> => (await (await fetchFile('models.json')).json()) as ModelList

/** Test digits to begin with: 28 × 28 bytes each, 0 the ground. */
export interface DigitExamples {
  readonly labels: readonly number[]
  readonly pixels: readonly Float32Array[]
}

export async function fetchDigits(): Promise<DigitExamples> {
  const { labels, pixels } = (await (await fetchFile('digits.json')).json()) as { labels: number[]; pixels: string }
  return { labels, pixels: decodeDigits(pixels) }
}

/** Base64 of bytes [n, 28, 28] → images of 0 to 1. */
export function decodeDigits(base64: string): Float32Array[] {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return Array.from({ length: bytes.length / 784 }, (_, i) =>
    Float32Array.from(bytes.subarray(i * 784, (i + 1) * 784), (byte) => byte / 255),
  )
}

/** @throws Error that says what is missing: a demo shows it as it is. */
async function fetchFile(file: string): Promise<Response> {
  const path = folder + file
  const answer = await fetch(path).catch(() => undefined)
  if (!answer) throw new Error(`${path}: the lab’s server does not answer; start it again with npx quire lab`)
  if (!answer.ok) throw new Error(`${path}: the lab’s server does not have it (${answer.status}); install quire once more`)
  return answer
}
