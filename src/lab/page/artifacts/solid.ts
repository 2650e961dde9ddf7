/*
 * Shapes in space as OBJ and PLY files have them: points, and the faces and lines between them. Materials, textures and normals are left out.
 */

export interface Solid {
  /** x, y, z of each point. */
  readonly points: Float32Array
  /** Indices of the corners of each face, in order; of a line its two ends. */
  readonly faces: readonly (readonly number[])[]
}

/** More than can be turned smoothly. */
export const mostPoints = 200_000
const mostFaces = 20_000

/** What a file holds, by the ending of its name; undefined where it is damaged, empty or too large to be turned. */
export function solidIn(path: string, bytes: ArrayBuffer): Solid | undefined {
  const solid = /\.ply$/i.test(path) ? parsePly(bytes) : parseObj(new TextDecoder().decode(bytes))
  if (!solid) return undefined
  const count = solid.points.length / 3
  const isRight = count > 0 && count <= mostPoints && solid.faces.length <= mostFaces && solid.points.every(Number.isFinite)
  return isRight && solid.faces.every((face) => face.every((corner) => corner >= 0 && corner < count)) ? solid : undefined
}

function parseObj(text: string): Solid {
  const points: number[] = []
  const faces: number[][] = []
  for (const line of text.split('\n')) {
    const [what, ...words] = line.trim().split(/\s+/)
    if (what === 'v') points.push(...[0, 1, 2].map((i) => Number(words[i])))
    // Corners count from 1, or from the last point backwards; what follows a slash is no point.
    const cornerOf = (word: string) =>
      Number.parseInt(word, 10) > 0 ? Number.parseInt(word, 10) - 1 : points.length / 3 + Number.parseInt(word, 10)
    if ((what === 'f' && words.length >= 3) || (what === 'l' && words.length === 2)) faces.push(words.map(cornerOf))
  }
  return { points: Float32Array.from(points), faces }
}

interface Property {
  readonly name: string
  readonly type: string
  /** The type of the length of a list. */
  readonly length?: string
}

interface Element {
  readonly name: string
  readonly count: number
  readonly properties: Property[]
}

type Read = (type: string) => number

const sizes: Readonly<Record<string, number>> = {
  ...{ char: 1, int8: 1, uchar: 1, uint8: 1, short: 2, int16: 2, ushort: 2, uint16: 2 },
  ...{ int: 4, int32: 4, uint: 4, uint32: 4, float: 4, float32: 4, double: 8, float64: 8 },
}

function parsePly(bytes: ArrayBuffer): Solid | undefined {
  const beginning = new TextDecoder('latin1').decode(bytes.slice(0, 65_536))
  const [header] = /^ply\s[\s\S]*?\nend_header\r?\n/.exec(beginning) ?? []
  const [, format] = /^format (\w+) 1\.0/m.exec(header ?? '') ?? []
  if (!header || !format) return undefined
  const elements = elementsOf(header)
  if (elements.some(({ count }) => count > mostPoints)) return undefined
  try {
    return solidOf(
      elements,
      format === 'ascii' ? wordsOf(bytes.slice(header.length)) : valuesOf(bytes, header.length, format === 'binary_little_endian'),
    )
  } catch {
    return undefined // it ends before what its header promises
  }
}

function elementsOf(header: string): Element[] {
  const elements: Element[] = []
  for (const line of header.split('\n')) {
    const [what, ...words] = line.trim().split(/\s+/)
    if (what === 'element') elements.push({ name: words[0], count: Number(words[1]), properties: [] })
    if (what !== 'property') continue
    const [length, type, name] = words[0] === 'list' ? words.slice(1) : ['', ...words]
    elements.at(-1)?.properties.push({ name, type, ...(length && { length }) })
  }
  return elements
}

function wordsOf(bytes: ArrayBuffer): Read {
  const words = new TextDecoder().decode(bytes).trim().split(/\s+/)
  let at = 0
  return () => {
    if (at >= words.length) throw new RangeError()
    return Number(words[at++])
  }
}

function valuesOf(bytes: ArrayBuffer, from: number, isLittle: boolean): Read {
  const view = new DataView(bytes)
  let at = from
  return (type) => {
    const [size, start] = [sizes[type], at]
    at += size
    if (/^(double|float64)$/.test(type)) return view.getFloat64(start, isLittle)
    if (/^(float|float32)$/.test(type)) return view.getFloat32(start, isLittle)
    const isSigned = !/^u/.test(type)
    if (size === 4) return isSigned ? view.getInt32(start, isLittle) : view.getUint32(start, isLittle)
    if (size === 2) return isSigned ? view.getInt16(start, isLittle) : view.getUint16(start, isLittle)
    if (size === 1) return isSigned ? view.getInt8(start) : view.getUint8(start)
    throw new RangeError()
  }
}

function solidOf(elements: readonly Element[], read: Read): Solid {
  let points = new Float32Array(0)
  const faces: number[][] = []
  for (const { name, count, properties } of elements) {
    if (name === 'vertex') points = new Float32Array(3 * count)
    for (let i = 0; i < count; i++)
      for (const property of properties) {
        const list = property.length === undefined ? undefined : listOf(property, read)
        const value = list ? Number.NaN : read(property.type)
        const axis = 'xyz'.indexOf(property.name)
        if (name === 'vertex' && axis >= 0 && property.name.length === 1) points[3 * i + axis] = value
        if (name === 'face' && list && /^vertex_ind(ex|ices)$/.test(property.name)) faces.push(list)
      }
  }
  return { points, faces }
}

function listOf({ length, type }: Property, read: Read): number[] {
  const count = read(length!)
  if (!(count >= 0 && count <= 1000)) throw new RangeError()
  return Array.from({ length: count }, () => read(type))
}
