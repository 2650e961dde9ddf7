import { PbfWriter } from 'pbf'
import type { Scalar } from '../flat-config.ts'
import type { SummaryValue } from './event.ts'

/*
 * What TensorBoard's HPARAMS page reads (tensorboard/plugins/hparams/plugin_data.proto). Each unit is a session; the seeds of an arm have one group name,
 * so that the page shows their mean. There is no `_hparams_/experiment` on purpose: TensorBoard reads only the first one that it meets in
 * a folder, which would hide the keys of every other method; without it, it collects keys and metrics from the sessions.
 */

export interface SessionStart {
  readonly hparams: Readonly<Record<string, Scalar>>
  readonly group: string
  /** Seconds since 1970. */
  readonly time: number
}

export type SessionStatus = 'unknown' | 'success' | 'failure' | 'running'
const statusCode: Record<SessionStatus, number> = { unknown: 0, success: 1, failure: 2, running: 3 }

const pluginValue = (tag: string, field: number, write: (writer: PbfWriter) => void): SummaryValue => {
  const writer = new PbfWriter()
  writer.writeMessage(field, (_, message) => write(message), undefined)
  return { kind: 'plugin', plugin: 'hparams', tag: `_hparams_/${tag}`, content: writer.finish() }
}

export const sessionStart = ({ hparams, group, time }: SessionStart): SummaryValue =>
  pluginValue('session_start_info', 3, (writer) => {
    for (const entry of Object.entries(hparams)) writer.writeMessage(1, writeEntry, entry)
    writer.writeStringField(4, group)
    writer.writeDoubleField(5, time)
  })

export const sessionEnd = (status: SessionStatus, time: number): SummaryValue =>
  pluginValue('session_end_info', 4, (writer) => {
    writer.writeVarintField(1, statusCode[status])
    writer.writeDoubleField(2, time)
  })

/** An entry of a map<string, google.protobuf.Value>. */
function writeEntry([name, value]: [string, Scalar], writer: PbfWriter): void {
  writer.writeStringField(1, name)
  writer.writeMessage(
    2,
    (scalar, message) => {
      if (typeof scalar === 'number') message.writeDoubleField(2, scalar)
      else if (typeof scalar === 'string') message.writeStringField(3, scalar)
      else message.writeBooleanField(4, scalar)
    },
    value,
  )
}
