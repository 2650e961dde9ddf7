import sharp from 'sharp'
import { expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { writeSafetensors } from '../engine/safetensors.ts'
import { writeIdx } from './idx.ts'
import { writeNpy } from './npy.ts'
import { untar } from './tar.ts'
import { expectOnlyInputErrors, inFolder, tar, zip } from './testing/helpers.ts'
import { loadTrainingImages, someImages } from './training-images.ts'

const solid = (width: number, height: number, colour: string) => sharp({ create: { width, height, channels: 3, background: colour } })
const red = await solid(4, 2, '#ff0000').png().toBuffer()
const black = await solid(4, 2, '#000000').png().toBuffer()
const large = await solid(40, 20, '#00ff00').png().toBuffer()
const grey = await sharp(Uint8Array.of(0, 51, 102, 153, 204, 255, 0, 255), { raw: { width: 4, height: 2, channels: 1 } })
  .toColourspace('b-w')
  .png()
  .toBuffer()

test('images that lie in a folder need no classes; −1 is black', async () => {
  await inFolder({ 'b.png': black, 'a.png': red, 'notes.txt': '' }, async (folder) => {
    const { x, labels, names, provenance } = await loadTrainingImages(folder)
    expect(x.shape).toEqual([2, 3, 2, 4])
    expect(names).toEqual(['a.png', 'b.png'])
    expect([...x.data.subarray(0, 24)]).toEqual([...Array(8).fill(1), ...Array(16).fill(-1)])
    expect(labels).toBeUndefined()
    expect(provenance).toMatchObject({ real: true, source: folder })
  })
})

test('subfolders are classes, also in a tar file; one folder is none', async () => {
  await inFolder({ 'dark/1.png': black, 'light/1.png': red, 'light/2.png': red }, async (folder) => {
    const { labels, classes } = await loadTrainingImages(folder)
    expect([[...labels!.data], classes]).toEqual([
      [0, 1, 1],
      ['dark', 'light'],
    ])
  })
  const archive = tar({ 'light/1.png': red, 'dark/1.png': black, 'readme.txt': Uint8Array.of(1) })
  await inFolder({ 'set.tar': archive }, async (folder) => {
    for (const path of [folder, `${folder}/set.tar`]) {
      const { x, labels, names } = await loadTrainingImages(path)
      expect([x.shape, [...labels!.data], names]).toEqual([
        [2, 3, 2, 4],
        [1, 0],
        ['light/1.png', 'dark/1.png'],
      ])
    }
  })
  await inFolder({ 'only/1.png': red }, async (folder) => expect((await loadTrainingImages(folder)).labels).toBeUndefined())
})

test('mixed sizes, mixed modes and damaged files are one line each, or are dealt with when asked', async () => {
  const files = { '1.png': red, '2.png': large, '3.png': grey }
  await inFolder(files, async (folder) => {
    await expect(loadTrainingImages(folder)).rejects.toThrow(
      `${folder}/2.png: is 20 by 40 pixels, 1.png is 2 by 4; give the size to which all images are to be resized`,
    )
    expect((await loadTrainingImages(folder, { size: [2, 4] })).x.shape).toEqual([3, 3, 2, 4])
    expect((await loadTrainingImages(folder, { size: [2, 4], channels: 1 })).x.shape).toEqual([3, 1, 2, 4])
  })
  await inFolder({ ...files, 'cut.png': large.subarray(0, large.length - 30), 'text.png': 'no picture' }, async (folder) => {
    await expect(loadTrainingImages(folder, { size: 2 })).rejects.toThrow(
      /(cut|text)\.png: cannot be read as an image .*replace or remove it/,
    )
    const lines: string[] = []
    const { x, names } = await loadTrainingImages(folder, { size: 2, damaged: 'skip', log: (line) => lines.push(line) })
    expect([x.shape[0], names]).toEqual([3, ['1.png', '2.png', '3.png']])
    expect([...x.data.subarray(0, 4)]).toEqual([1, 1, 1, 1])
    expect(lines.sort()).toEqual([expect.stringMatching(/^left out: .*cut\.png/), expect.stringMatching(/^left out: .*text\.png/)])
  })
  await inFolder({ 'text.png': 'no picture' }, async (folder) => {
    await expect(loadTrainingImages(folder, { damaged: 'skip' })).rejects.toThrow('none of the images can be read')
  })
})

test('no image is left out by where it lies, and what is not read is said', async () => {
  const refused = (files: Record<string, Uint8Array | string>, message: string) =>
    inFolder(files, async (folder) => expect(loadTrainingImages(folder)).rejects.toThrow(message))
  await refused({ '1.png': red, 'cat/2.png': red }, 'holds images both in a folder and in its subfolders, such as 1.png and cat/2.png')
  await refused({ 'cat/1.png': red, 'cat/old/2.png': red }, 'in its subfolders, such as cat/1.png and cat/old/2.png')
  await refused({ 'train/cat/1.png': red, 'train/dog/1.png': red }, 'holds images below its subfolders only, such as train/cat/1.png')
  await refused(
    { '1.gif': '', 'a/2.GIF': '', list: '' },
    'holds no images, but 3 files (.gif, no ending); give a folder of images (.png .jpg',
  )
  await inFolder({ '1.png': red, '2.tiff': '', '3.gif': '', 'set.tar': tar({ '1.png': red, '2.gif': red }) }, async (folder) => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    expect((await loadTrainingImages(folder, { log })).names).toEqual(['1.png'])
    await loadTrainingImages(`${folder}/set.tar`, { log })
    expect(lines).toEqual(['left out: 3 files (.gif, .tar, .tiff)', 'left out: 1 file (.gif)'])
  })
})

test('stretched or cut in the middle', async () => {
  // Black, white, white, black.
  const bars = await sharp(Uint8Array.of(0, 255, 255, 0, 0, 255, 255, 0), { raw: { width: 4, height: 2, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  await inFolder({ '1.png': bars }, async (folder) => {
    expect([...(await loadTrainingImages(folder, { size: 2, crop: 'centre' })).x.data]).toEqual([1, 1, 1, 1])
    expect(Math.max(...(await loadTrainingImages(folder, { size: 2 })).x.data)).toBeLessThan(0.9)
  })
})

test('arrays: whole numbers to 255, floats from 0 or from −1, or as it is said', async () => {
  const floats = (...values: number[]) => writeNpy(ndarray(Float32Array.from(values), [1, 2, 2], 'float32'))
  const files = {
    'unit.npy': floats(0, 0.25, 0.5, 1),
    'signed.npy': floats(-1, 0.25, 0.5, 1),
    'wide.npy': floats(-3, 0, 0, 3),
    'bytes.idx': writeIdx(ndarray(Int32Array.of(0, 255, 51, 0), [1, 2, 2], 'int32'), { ubyte: true }),
    'table.npy': writeNpy(ndarray(new Float32Array(4), [2, 2], 'float32')),
    'both.npz': zip({
      'x.npy': writeNpy(ndarray(new Float32Array(8), [2, 2, 2], 'float32')),
      'y.npy': writeNpy(ndarray(Int32Array.of(7, 3), [2], 'int32')),
    }),
    'samples.safetensors': writeSafetensors({ samples: ndarray(new Float32Array(4), [1, 1, 2, 2], 'float32') }),
  }
  await inFolder(files, async (folder) => {
    const values = async (name: string, options = {}) =>
      [...(await loadTrainingImages(`${folder}/${name}`, options)).x.data].map((v) => Math.round(1e4 * v) / 1e4)
    expect(await values('unit.npy')).toEqual([-1, -0.5, 0, 1])
    expect(await values('signed.npy')).toEqual([-1, 0.25, 0.5, 1])
    await expect(values('wide.npy')).rejects.toThrow('wide.npy: values go from -3 to 3, neither within 0 to 1 nor within -1 to 1')
    expect(await values('wide.npy', { range: [-3, 3] })).toEqual([-1, 0, 0, 1])
    await expect(values('bytes.idx', { range: [0, 1] })).rejects.toThrow('a range is of arrays of floats')
    await expect(values('wide.npy', { range: [-1, 1] })).rejects.toThrow('values go from -3 to 3, outside of -1 to 1')
    expect(await values('bytes.idx')).toEqual([-1, 1, -0.6, -1])
    expect(await values('bytes.idx', { size: 1 })).toEqual([-0.4])
    expect((await loadTrainingImages(`${folder}/bytes.idx`, { channels: 3 })).x.shape).toEqual([1, 3, 2, 2])
    await expect(values('bytes.idx', { size: 3 })).rejects.toThrow('images of 2 by 2 cannot be made 3 by 3')
    await expect(values('table.npy')).rejects.toThrow('shape [2,2] is not that of images')
    const { labels, classes } = await loadTrainingImages(`${folder}/both.npz`)
    expect([[...labels!.data], classes]).toEqual([
      [1, 0],
      ['3', '7'],
    ])
    expect((await loadTrainingImages(`${folder}/samples.safetensors`)).x.shape).toEqual([1, 1, 2, 2])
    await expect(loadTrainingImages(folder)).rejects.toThrow('holds several files of images')
    await expect(loadTrainingImages(`${folder}/none`)).rejects.toThrow('there is no such file or folder')
  })
})

test('one picture is cut into tiles', async () => {
  await inFolder({ 'sheet.png': grey }, async (folder) => {
    const { x, names } = await loadTrainingImages(`${folder}/sheet.png`, { tile: 2 })
    expect(x.shape).toEqual([2, 1, 2, 2])
    expect([...x.data].map((value) => Math.round(((value + 1) / 2) * 255))).toEqual([0, 51, 204, 255, 102, 153, 0, 255])
    expect(names).toEqual(['0', '1'])
    expect(someImages({ x, names, provenance: { name: '', real: false, source: '', sha256: '' } }, [1]).names).toEqual(['1'])
    await expect(loadTrainingImages(`${folder}/sheet.png`, { tile: 3 })).rejects.toThrow('2 by 4 pixels are no grid of tiles of 3')
    await expect(loadTrainingImages(`${folder}/sheet.png`)).rejects.toThrow('is one picture only')
    await expect(loadTrainingImages(folder, { tile: 2 })).rejects.toThrow('tiles are cut from one picture')
  })
  await inFolder({ 'readme.txt': '' }, async (folder) => {
    await expect(loadTrainingImages(folder)).rejects.toThrow('holds no images')
    await expect(loadTrainingImages(`${folder}/readme.txt`)).rejects.toThrow('is not a kind of images that is understood')
  })
})

test('damaged tar files are refused by the byte', () => {
  const good = tar({ 'a.txt': Uint8Array.of(1, 2, 3), [`${'long/'.repeat(40)}b.txt`]: Uint8Array.of(4) })
  expect([...untar(good, 'a.tar')].map(([name, bytes]) => [name.length, ...bytes])).toEqual([
    [5, 1, 2, 3],
    [205, 4],
  ])
  const flipped = Uint8Array.from(good)
  flipped[3] ^= 1
  expect(() => untar(flipped, 'a.tar')).toThrow('a.tar: byte 0: the header does not have its checksum')
  expect(() => untar(good.subarray(0, 514), 'a.tar')).toThrow('byte 0: "a.txt" takes 3 bytes; the file has 2 more')
  expectOnlyInputErrors([good], (bytes) => untar(bytes, 'a.tar'), 300)
})
