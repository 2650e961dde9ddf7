import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { scratch } from '../../experiment/testing/comparable.ts'
import { artifactsOf } from './artifacts.ts'
import { write } from './testing/lab.ts'

/** The beginning of an extended WebP file with these flags. */
const webp = (flags: number) => Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8X\n\0\0\0', 'latin1'), Buffer.of(flags, 0, 0, 0)])

const png = (...chunks: string[]) => Buffer.from(`\x89PNG\r\n\x1a\n${chunks.map((tag) => `\0\0\0\0${tag}\0\0\0\0`).join('')}`, 'latin1')

test('files are of a kind by their name, and where that does not tell it by their beginning', () => {
  const folder = scratch()
  const files: Record<string, string | Uint8Array> = {
    'turns.png': '',
    'still.webp': webp(0x10),
    'moving.webp': webp(0x12),
    'short.webp': 'RIFF',
    'moving.png': png('acTL', 'IDAT'),
    'late.png': png('IDAT', 'acTL'),
    'moving.apng': '',
    'voice.WAV': '',
    'pairs.edges': '',
    'net.GraphML': '',
    'net.dot': '',
    'graph.json': '{"nodes":[{}],"edges":[]}',
    'cloud.ply': '',
    'part.obj': '',
    'core.sv': '',
    'odd.constructor': '',
    'graphs.jsonl': '{"nodes":[{}],"edges":[]}\n',
    'counted.jsonl': '{"n":2,"edges":[[0,1]]}\n',
    'rows.jsonl': '{"loss":1}\n',
    'rows.csv': '',
    'weights.safetensors': '',
    'small.onnx': '',
    'multiplier.v': 'module m; endmodule',
    'page.html': '',
    'odd.xyz': '',
    none: '',
    'half.png.1234.tmp': '',
  }
  for (const [name, content] of Object.entries(files)) write(join(folder, 'artifacts', 'unit', name), content)
  expect(Object.fromEntries(artifactsOf(folder).map(({ path, kind }) => [path.slice('artifacts/unit/'.length), kind]))).toEqual({
    'turns.png': 'image',
    'still.webp': 'image',
    'moving.webp': 'animation',
    'short.webp': 'image',
    'moving.png': 'animation',
    'late.png': 'image',
    'moving.apng': 'animation',
    'voice.WAV': 'audio',
    'pairs.edges': 'graph',
    'net.GraphML': 'graph',
    'net.dot': 'graph',
    'graph.json': 'graph',
    'cloud.ply': 'solid',
    'part.obj': 'solid',
    'core.sv': 'text',
    'odd.constructor': 'other',
    'graphs.jsonl': 'graph',
    'counted.jsonl': 'graph',
    'rows.jsonl': 'table',
    'rows.csv': 'table',
    'weights.safetensors': 'model',
    'small.onnx': 'model',
    'multiplier.v': 'text',
    'page.html': 'page',
    'odd.xyz': 'other',
    none: 'other',
  })
})

test('what is behind a link in the place of the folder is not listed', () => {
  const folder = scratch()
  const outside = scratch()
  write(join(outside, 'secret.txt'), 'of nobody’s concern')
  write(join(outside, 'figures.json'), '[]')
  write(join(folder, 'report.md'), '')
  symlinkSync(outside, join(folder, 'artifacts'))
  expect(artifactsOf(folder).map(({ path }) => path)).toEqual(['report.md'])
})

test('a picture says how large it is, turned as it will be shown; one that is damaged, or has no size of its own, says nothing', async () => {
  const folder = scratch()
  const grey = sharp(Buffer.alloc(30 * 20), { raw: { width: 30, height: 20, channels: 1 } })
  const files: Record<string, string | Uint8Array> = {
    'plain.png': await grey.clone().png().toBuffer(),
    'plain.webp': await grey.clone().webp().toBuffer(),
    'moving.gif': await grey.clone().gif().toBuffer(),
    'turned.jpg': await grey.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    'figure.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 64 40"/>',
    'wide.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 40"/>',
    'short.png': (await grey.clone().png().toBuffer()).subarray(0, 18),
    'empty.jpg': '',
    'other.png': 'no picture',
    'rows.csv': '',
  }
  for (const [name, content] of Object.entries(files)) write(join(folder, 'artifacts', name), content)
  expect(Object.fromEntries(artifactsOf(folder).map(({ path, size }) => [path.slice('artifacts/'.length), size]))).toEqual({
    'plain.png': { width: 30, height: 20 },
    'plain.webp': { width: 30, height: 20 },
    'moving.gif': { width: 30, height: 20 },
    'turned.jpg': { width: 20, height: 30 },
    'figure.svg': { width: 640, height: 400 },
    'wide.svg': undefined,
    'short.png': undefined,
    'empty.jpg': undefined,
    'other.png': undefined,
    'rows.csv': undefined,
  })
})
