import OCL from 'openchemlib'
import { expect, test } from 'vitest'
import { loadQm9 } from './qm9.ts'

test('x', async () => {
  const { graphs, left } = await loadQm9({ data: '/work/shared/data' })
  console.log(graphs.length, left)
  const atoms = [0,0,0,0], bonds=[0,0,0], rings: number[] = [], heavy: number[]=[]
  for (const g of graphs) { for (const [e] of g.x) atoms[e]++; for (const e of g.edges) bonds[e[2]]++; const r = g.edges.length-g.n+1; rings[r]=(rings[r]??0)+1; heavy[g.n]=(heavy[g.n]??0)+1 }
  const t = atoms.reduce((a,b)=>a+b), b = bonds.reduce((a,b)=>a+b)
  console.log(atoms.map(x=>x/t), bonds.map(x=>x/b), b/graphs.length, rings, heavy)
}, 60000)
