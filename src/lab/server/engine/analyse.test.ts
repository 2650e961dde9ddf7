import { describe, expect, test } from 'vitest'
import { exp, exportOnnx, fromArray, matmul, relu, sum, type Tensor, zeros } from '../../../engine/index.ts'
import { analyse } from './analyse.ts'
import { examples } from './examples.ts'
import { exampleSubject } from './subject.ts'

test('x', async () => {
  for (const name of Object.keys(examples)) {
    const step = await analyse(await exampleSubject(name), { time: true })
    const count = (of: (n: (typeof step.nodes)[number]) => string) => step.nodes.reduce<Record<string, number>>((a, n) => ({ ...a, [of(n)]: (a[of(n)] ?? 0) + 1 }), {})
    console.log(name, step.nodes.length, step.memory.length, Math.max(...step.memory), step.peakBytes, step.milliseconds, count((n) => n.phase), count((n) => `${n.phase} ${n.part}`), step.sessions.map(({what, why, nodes, milliseconds})=>[what,why,nodes,milliseconds]), step.lines.slice(0, 12), step.nodes.filter(n=>n.milliseconds===undefined).length)
  }
})
