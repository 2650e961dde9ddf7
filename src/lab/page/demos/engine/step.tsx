import { useMemo, useState } from 'preact/hooks'
import { bytesText, countText } from '../../../../engine/inspect/text.ts'
import type { EngineNode, EnginePart, EngineStep } from '../../../api-engine.ts'
import { useText } from '../../language/use-language.tsx'
import { engineTexts, groupText, phaseTexts, summaryText, timesText } from '../texts.ts'
import { Wide } from '../wide.tsx'
import { Finder } from './finder.tsx'
import { type Box, Graph } from './graph.tsx'
import { type Group, gridOf, groupsOf } from './groups.ts'
import { layersOf, within } from './layers.ts'
import { MemoryChart } from './memory.tsx'

/** A compiled step: its graph, where its time goes, its memory, its sessions. */
export function StepView({ step }: { readonly step: EngineStep }) {
  const t = useText()
  const { nodes, flops, outsideBytes, peakBytes, traceMilliseconds, compileMilliseconds, milliseconds, runtime, sessions } = step
  return (
    <>
      <p>{t(summaryText(nodes.length, countText(flops), bytesText(outsideBytes), bytesText(peakBytes)))}</p>
      <p>
        {t(timesText(traceMilliseconds, compileMilliseconds, milliseconds, `${runtime.name} ${runtime.version}`, runtime.threads))}{' '}
        {!runtime.canTime && t(engineTexts.cannotTime)}
      </p>
      <StepGraph key={nodes.length} step={step} />
      <div class="tables">
        <Parts title={t(engineTexts.wherever)} name={t(engineTexts.operation)} parts={step.operations} total={totalOf(step)} />
        {step.lines.length > 0 && (
          <Parts title={t(engineTexts.lines)} name={t(engineTexts.line)} parts={step.lines} total={totalOf(step)} />
        )}
      </div>
      <section>
        <h2>{t(engineTexts.memory)}</h2>
        <MemoryChart memory={step.memory} label={t(engineTexts.memory)} peak={bytesText(peakBytes)} />
        <p class="note">{t(engineTexts.memoryNote)}</p>
      </section>
      <section>
        <h2>{t(engineTexts.sessions)}</h2>
        <Wide label={t(engineTexts.sessions)}>
          <table>
            <thead>
              <tr>
                {[engineTexts.what, engineTexts.why, engineTexts.count, engineTexts.milliseconds, engineTexts.reused].map((text) => (
                  <th key={text.en} scope="col">
                    {t(text)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sessions.map(({ what, why, nodes, milliseconds, reused }, i) => (
                <tr key={i}>
                  <th scope="row">{what}</th>
                  <td>{why}</td>
                  <td class="amount">{nodes}</td>
                  <td class="amount">{milliseconds.toFixed(0)}</td>
                  <td class="amount">{reused}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </section>
    </>
  )
}

/** What shares are of: milliseconds where the step was timed, else operations. */
const totalOf = ({ milliseconds, flops }: EngineStep): number => milliseconds ?? flops

type Weighed = Pick<EnginePart, 'flops' | 'milliseconds'>
const weightOf = (part: Weighed, step: EngineStep): number => (step.milliseconds === undefined ? part.flops : (part.milliseconds ?? 0))

/** Of the nodes, or of the parts, that are drawn: each as full as its part of the largest. */
function StepGraph({ step }: { readonly step: EngineStep }) {
  const t = useText()
  const grouped = useMemo(() => groupsOf(step), [step])
  const places = useMemo(() => gridOf(grouped), [grouped])
  const [isWhole, setWhole] = useState(step.nodes.length <= 60 || grouped.groups.length < 3)
  const [open, setOpen] = useState<Group>()
  const all = useMemo(() => step.nodes.map((_, i) => i), [step])
  const shown = open?.nodes ?? (isWhole ? all : undefined)
  return (
    <section>
      <h2>{t(engineTexts.graph)}</h2>
      <p>
        {open ? (
          <button type="button" class="button" onClick={() => setOpen(undefined)}>
            {t(engineTexts.close)}
          </button>
        ) : (
          [false, true].map((whole) => (
            <label key={String(whole)} class="choice">
              <input type="radio" name="detail" checked={isWhole === whole} onChange={() => setWhole(whole)} />{' '}
              {t(whole ? engineTexts.nodes : engineTexts.grouped)}
            </label>
          ))
        )}
      </p>
      {shown ? (
        <NodeGraph
          step={step}
          shown={shown}
          label={open ? `${t(phaseTexts[open.phase])}, ${open.part || t(engineTexts.other)}` : t(engineTexts.graph)}
        />
      ) : (
        <Graph
          boxes={grouped.groups.map((group) => groupBox(group, step, t))}
          places={places}
          edges={grouped.edges}
          label={t(engineTexts.graph)}
          headings={(['forward', 'backward', 'update'] as const).map((phase) => t(phaseTexts[phase]))}
          onChoose={(i) => setOpen(grouped.groups[i])}
        />
      )}
      <p class="note">
        {!shown && t(engineTexts.open)} {t(engineTexts.colour)}
      </p>
    </section>
  )
}

function groupBox(group: Group, step: EngineStep, t: ReturnType<typeof useText>): Box {
  const part = group.part || t(engineTexts.other)
  const count = t(groupText(group.nodes.length))
  const work = workText(group)
  return {
    title: part,
    detail: `${count}, ${work}`,
    share: weightOf(group, step) / (totalOf(step) || 1),
    description: `${part} ${count}, ${work} (${t(phaseTexts[group.phase])})`,
  }
}

const workText = ({ flops, milliseconds }: Weighed): string =>
  milliseconds === undefined ? `${countText(flops)} flop` : `${milliseconds.toFixed(2)} ms`

/** Nodes one by one; one is found by a word of what is known of it. */
function NodeGraph({ step, shown, label }: { readonly step: EngineStep; readonly shown: readonly number[]; readonly label: string }) {
  const { boxes, places, edges } = useMemo(() => {
    const inputs = within(shown, step.nodes)
    const nodes = shown.map((place) => step.nodes[place])
    const most = nodes.reduce((most, node) => Math.max(most, weightOf(node, step)), 1e-12)
    return {
      boxes: nodes.map((node) => nodeBox(node, weightOf(node, step) / most)),
      places: layersOf(inputs),
      edges: inputs.flatMap((read, i) => read.map((input) => [input, i] as const)),
    }
  }, [step, shown])
  const [found, setFound] = useState<number>()
  return (
    <>
      <Finder boxes={boxes} onFind={setFound} />
      <Graph boxes={boxes} places={places} edges={edges} label={label} marked={found} />
    </>
  )
}

function nodeBox(node: EngineNode, share: number): Box {
  const { operation, shape, dtype, line, reads } = node
  const description = [operation, `${dtype} [${shape.join(', ')}]`, workText(node), ...(line ? [line] : []), ...reads].join(' · ')
  return { title: operation, detail: `[${shape.join(', ')}]`, share, description }
}

interface PartsProps {
  readonly title: string
  readonly name: string
  readonly parts: readonly EnginePart[]
  readonly total: number
}

/** So many rows of a table. */
const mostRows = 12

function Parts({ title, name, parts, total }: PartsProps) {
  const t = useText()
  const isTimed = parts.some(({ milliseconds }) => milliseconds !== undefined)
  const share = ({ flops, milliseconds = 0 }: EnginePart) => ((100 * (isTimed ? milliseconds : flops)) / (total || 1)).toFixed(1)
  return (
    <section>
      <h2>{title}</h2>
      <Wide label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{name}</th>
              <th scope="col">{t(engineTexts.count)}</th>
              <th scope="col">{t(engineTexts.flops)}</th>
              {isTimed && <th scope="col">{t(engineTexts.milliseconds)}</th>}
              <th scope="col">{t(engineTexts.share)}</th>
            </tr>
          </thead>
          <tbody>
            {parts.slice(0, mostRows).map((part) => (
              <tr key={part.name}>
                <th scope="row">{part.name || t(engineTexts.unknown)}</th>
                <td class="amount">{part.nodes}</td>
                <td class="amount">{countText(part.flops)}</td>
                {isTimed && <td class="amount">{(part.milliseconds ?? 0).toFixed(2)}</td>}
                <td class="amount">{share(part)} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  )
}
