import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { isImageFolder, loadImageFolder } from './images.ts'
import { inFolder } from './testing/helpers.ts'

const solid = (width: number, height: number, colour: string) => sharp({ create: { width, height, channels: 3, background: colour } })
const red = await solid(4, 2, '#ff0000').png().toBuffer()
const blue = await solid(4, 2, '#0000ff').webp({ lossless: true }).toBuffer()
const grey = await sharp(Uint8Array.of(0, 51, 102, 153, 204, 255, 0, 255), { raw: { width: 4, height: 2, channels: 1 } })
  .toColourspace('b-w')
  .png()
  .toBuffer()
const jpeg = await solid(40, 20, '#808080').jpeg().toBuffer()

test('one subfolder a class, sorted; channels first; 0 to 1', async () => {
  await inFolder({ 'b/1.png': red, 'a/x.webp': blue, 'a/notes.txt': 'ignored', 'b/.hidden.png': 'ignored' }, async (folder) => {
    const progress: number[] = []
    const { images, labels, classes, files } = await loadImageFolder(folder, { onProgress: (done, total) => progress.push(done, total) })
    expect(classes).toEqual(['a', 'b'])
    expect(files).toEqual(['a/x.webp', 'b/1.png'])
    expect(images.shape).toEqual([2, 3, 2, 4])
    expect([...labels.data]).toEqual([0, 1])
    expect([...images.data]).toEqual([...Array(16).fill(0), ...Array(8).fill(1), ...Array(8).fill(1), ...Array(16).fill(0)])
    expect(progress).toEqual([1, 2, 2, 2])
    expect(await isImageFolder(folder)).toBe(true)
    expect(await isImageFolder(`${folder}/a`)).toBe(false)
  })
})

test('grey images stay grey, and their pixels keep their order', async () => {
  await inFolder({ 'a/1.png': grey }, async (folder) => {
    const { images } = await loadImageFolder(folder)
    expect(images.shape).toEqual([1, 1, 2, 4])
    expect([...images.data]).toEqual([0, 51, 102, 153, 204, 255, 0, 255].map((v) => Math.fround(v / 255)))
    expect((await loadImageFolder(folder, { channels: 3 })).images.shape).toEqual([1, 3, 2, 4])
  })
})

test('16-bit and transparent images become 8-bit ones on black', async () => {
  const deep = await sharp(Uint16Array.of(0, 65535, 32896, 0), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('b-w')
    .toColourspace('grey16')
    .png()
    .toBuffer()
  const clear = await sharp({ create: { width: 2, height: 2, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0 } } })
    .png()
    .toBuffer()
  await inFolder({ 'a/deep.png': deep, 'b/clear.png': clear }, async (folder) => {
    const { images } = await loadImageFolder(folder, { channels: 1 })
    expect([...images.data].map((value) => Math.round(value * 255))).toEqual([0, 255, 128, 0, 0, 0, 0, 0])
  })
})

test('mixed sizes are resized on request and refused otherwise', async () => {
  await inFolder({ 'a/1.png': red, 'b/2.jpg': jpeg }, async (folder) => {
    await expect(loadImageFolder(folder)).rejects.toThrow(`${folder}/b/2.jpg: is 20 by 40 pixels, a/1.png is 2 by 4`)
    expect((await loadImageFolder(folder, { size: [3, 5], channels: 1 })).images.shape).toEqual([2, 1, 3, 5])
    await expect(loadImageFolder(folder, { size: 0 })).rejects.toThrow('image size 0 by 0')
  })
})

test('damaged images, empty classes and folders without classes are named', async () => {
  await inFolder({ 'a/1.png': red, 'b/cut.jpg': jpeg.subarray(0, 300), 'c/text.png': 'not an image' }, async (folder) => {
    await expect(loadImageFolder(folder, { size: 8 })).rejects.toThrow(/(cut\.jpg|text\.png): cannot be read as an image/)
  })
  await inFolder({ 'a/1.png': red, 'b/cut.jpg': jpeg.subarray(0, jpeg.length - 40) }, async (folder) => {
    await expect(loadImageFolder(folder, { size: 8 })).rejects.toThrow(`${folder}/b/cut.jpg: cannot be read as an image`)
  })
  await inFolder({ 'a/1.png': red, 'b/readme.txt': '' }, async (folder) => {
    await expect(loadImageFolder(folder)).rejects.toThrow(`${folder}/b: this class holds no image`)
    await expect(loadImageFolder(`${folder}/a`)).rejects.toThrow('has no subfolders')
    await expect(loadImageFolder(`${folder}/none`)).rejects.toThrow('there is no such file')
  })
})

/** A picture whose header says another size, with the checksum that goes with it. */
function claiming(png: Uint8Array, width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(png)
  const view = new DataView(bytes.buffer)
  view.setUint32(16, width)
  view.setUint32(20, height)
  view.setUint32(29, crc32(bytes.subarray(12, 29)))
  return bytes
}

test.each([
  [16_000, 16_000],
  [70_000, 1],
])('a few bytes that claim %d by %d pixels are refused before they are decoded', async (width, height) => {
  await inFolder({ 'a/1.png': claiming(red, width, height) }, async (folder) => {
    await expect(loadImageFolder(folder, { size: 8 })).rejects.toThrow(`${red.length} bytes claim ${width} by ${height} pixels`)
  })
})
