import { PbfWriter } from 'pbf'
import type { Histogram } from './histogram.ts'

/*
 * Events as tensorboard/compat/proto/{event,summary,tensor}.proto define them: only the fields that Quire writes. Times are seconds since 1970; steps are
 * whole numbers.
 */

/** One value of a summary. */
export type SummaryValue =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  | { readonly kind: 'image'; readonly tag: string; readonly png: Uint8Array; readonly width: number; readonly height: number }
  | { readonly kind: 'histogram'; readonly tag: string; readonly histogram: Histogram }
  | { readonly kind: 'text'; readonly tag: string; readonly text: string }
  /** No number, only what a plugin reads in it: `content` is the plugin's own message. */
  | { readonly kind: 'plugin'; readonly tag: string; readonly plugin: string; readonly content: Uint8Array }

const dtype = { float: 1, string: 7 } as const
/** Most events are scalars of some 50 bytes, and there are millions of them: they are written here and copied once, instead of into a buffer that grows. */
const desk = new Uint8Array(4096)

/** The first event of a file: it names the format's version, and who wrote it. */
export function versionEvent(time: number): Uint8Array {
  const writer = new PbfWriter()
  writer.writeDoubleField(1, time)
  writer.writeStringField(3, 'brain.Event:2')
  writer.writeMessage(10, (name, source) => source.writeStringField(1, name), 'quire')
  return writer.finish()
}

export function summaryEvent(time: number, step: number, value: SummaryValue): Uint8Array {
  const writer = new PbfWriter(desk)
  writer.writeDoubleField(1, time)
  if (step !== 0) writer.writeVarintField(2, step)
  writer.writeMessage(5, writeSummary, value)
  return writer.finish().slice()
}

const writeSummary = (value: SummaryValue, writer: PbfWriter): void => writer.writeMessage(1, writeValue, value)

function writeValue(value: SummaryValue, writer: PbfWriter): void {
  writer.writeStringField(1, value.tag)
  if (value.kind === 'scalar') writer.writeFloatField(2, value.value)
  else if (value.kind === 'image') writer.writeMessage(4, writeImage, value)
  else if (value.kind === 'histogram') writer.writeMessage(5, writeHistogram, value.histogram)
  else if (value.kind === 'text') {
    writer.writeMessage(8, writeText, value.text)
    writer.writeMessage(9, writeMetadata, { plugin: 'text', content: new Uint8Array() })
  } else {
    writer.writeMessage(8, writeNothing, undefined)
    writer.writeMessage(9, writeMetadata, value)
  }
}

function writeImage({ png, width, height }: { png: Uint8Array; width: number; height: number }, writer: PbfWriter): void {
  writer.writeVarintField(1, height)
  writer.writeVarintField(2, width)
  writer.writeVarintField(3, 3)
  writer.writeBytesField(4, png)
}

function writeHistogram({ min, max, num, sum, sumSquares, limits, counts }: Histogram, writer: PbfWriter): void {
  for (const [i, value] of [min, max, num, sum, sumSquares].entries()) writer.writeDoubleField(i + 1, value)
  writer.writePackedDouble(6, limits as number[])
  writer.writePackedDouble(7, counts as number[])
}

function writeMetadata({ plugin, content }: { plugin: string; content: Uint8Array }, writer: PbfWriter): void {
  writer.writeMessage(
    1,
    (name, data) => {
      data.writeStringField(1, name)
      if (content.length > 0) data.writeBytesField(2, content)
    },
    plugin,
  )
}

/** A tensor of one text. */
function writeText(text: string, writer: PbfWriter): void {
  writer.writeVarintField(1, dtype.string)
  writer.writeMessage(2, writeShape, 1)
  writer.writeBytesField(8, new TextEncoder().encode(text))
}

/** A tensor without elements. */
function writeNothing(_: undefined, writer: PbfWriter): void {
  writer.writeVarintField(1, dtype.float)
  writer.writeMessage(2, writeShape, 0)
}

/** The shape of a vector; an extent of 0 is not written, as everywhere in protobuf. */
const writeShape = (extent: number, writer: PbfWriter): void =>
  writer.writeMessage(2, (size, dimension) => (size ? dimension.writeVarintField(1, size) : undefined), extent)
