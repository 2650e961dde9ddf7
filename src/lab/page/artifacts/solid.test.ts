import { expect, test } from 'vitest'
import { fittedSolid, turned } from './draw-solid.ts'
import { solidIn } from './solid.ts'

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer
const triangle = [0, 0, 0, 1, 0, 0, 0, 1, 0]
const header = (format: string, points = 3, faces = 1) =>
  `ply\nformat ${format} 1.0\ncomment made by nobody\nelement vertex ${points}\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nelement face ${faces}\nproperty list uchar int vertex_indices\nend_header\n`

test('OBJ: points, faces with slashes and from the end, lines', () => {
  const solid = solidIn('a.OBJ', bytesOf('# a\no thing\nv 0 0 0\nv 1 0 0 1\nv 0 1 0\nvn 0 0 1\nf 1/1/1 2//1 3\nf -3 -2 -1\nl 1 2\n'))!
  expect([...solid.points]).toEqual(triangle)
  expect(solid.faces).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [0, 1],
  ])
})

function binary(isLittle: boolean): ArrayBuffer {
  const start = bytesOf(header(isLittle ? 'binary_little_endian' : 'binary_big_endian'))
  const body = new DataView(new ArrayBuffer(3 * 13 + 13))
  for (const [i, value] of triangle.entries()) body.setFloat32(13 * Math.floor(i / 3) + 4 * (i % 3), value, isLittle)
  body.setUint8(39, 3)
  for (const corner of [0, 1, 2]) body.setInt32(40 + 4 * corner, corner, isLittle)
  return new Blob([start, body.buffer]).arrayBuffer() as unknown as ArrayBuffer
}

test.each([
  ['words', bytesOf(`${header('ascii')}0 0 0 9\n1 0 0 9\n0 1 0 9\n3 0 1 2\n`)],
  ['little end first', binary(true)],
  ['big end first', binary(false)],
])('PLY: %s', async (_, given) => {
  const solid = solidIn('a.ply', await given)!
  expect([...solid.points]).toEqual(triangle)
  expect(solid.faces).toEqual([[0, 1, 2]])
})

test.each([
  ['a.obj', ''],
  ['a.obj', 'v 0 0\nf 1 1 1'],
  ['a.obj', 'v 0 0 0\nf 1 2 3'],
  ['a.obj', `v 0 0 0\n${'f 1 1 1\n'.repeat(20_001)}`],
  ['a.ply', ''],
  ['a.ply', 'ply'],
  ['a.ply', header('ascii')],
  ['a.ply', header('binary_little_endian')],
  ['a.ply', header('ascii', 1e9)],
  ['a.ply', header('ascii', Number.NaN)],
  ['a.ply', `${header('ascii', 1)}0 0 0 0\n3 0 1 2\n`],
  ['a.ply', `${header('ascii', 1)}0 0 0 0\n1e9 0\n`],
])('%s that is damaged, or more than can be shown, is none (%#)', (path, text) => expect(solidIn(path, bytesOf(text))).toBeUndefined())

test('a shape is turned about its middle, and its lengths stay', () => {
  const { points } = fittedSolid({ points: Float32Array.of(1, 1, 1, 3, 1, 1, 1, 5, 1), faces: [] })
  const lengths = (of: Float32Array) => [0, 3, 6].map((i) => Math.hypot(of[i], of[i + 1], of[i + 2]))
  expect(Math.max(...lengths(points))).toBeCloseTo(1)
  const seen = turned(points, { around: 0.7, over: -0.3, nearness: 1 })
  for (const [i, length] of lengths(seen).entries()) expect(length).toBeCloseTo(lengths(points)[i])
  // From straight above, what is far is up; from the side, what is high is up.
  expect(turned(Float32Array.of(0, 1, 0), { around: 0, over: Math.PI / 2, nearness: 1 })[1]).toBeCloseTo(-1)
  expect(turned(Float32Array.of(0, 0, 1), { around: 2, over: 0, nearness: 1 })[1]).toBeCloseTo(-1)
})
