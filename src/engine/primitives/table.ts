import { callPrimitive } from '../compile/call.ts'
import type { Primitive } from '../graph/primitive.ts'
import * as barrier from './barrier.ts'
import * as bits from './bits.ts'
import * as cast from './cast.ts'
import * as checkpoint from './checkpoint.ts'
import * as cond from './cond.ts'
import * as convolution from './convolution.ts'
import * as custom from './custom.ts'
import * as elementwise from './elementwise.ts'
import * as functions from './functions.ts'
import * as host from './host.ts'
import * as incomplete from './incomplete.ts'
import * as indexing from './indexing.ts'
import * as linalg from './linalg.ts'
import * as matmul from './matmul.ts'
import * as movement from './movement.ts'
import * as normalize from './normalize.ts'
import * as reduce from './reduce.ts'
import * as rotary from './rotary.ts'
import * as scan from './scan.ts'
import * as sorting from './sort.ts'
import * as structural from './structural.ts'
import * as threefry from './threefry.ts'
import * as trigonometry from './trigonometry.ts'
import * as loops from './while.ts'

const families = [
  barrier,
  bits,
  cast,
  checkpoint,
  cond,
  convolution,
  custom,
  elementwise,
  functions,
  host,
  incomplete,
  indexing,
  linalg,
  matmul,
  movement,
  normalize,
  reduce,
  rotary,
  scan,
  sorting,
  structural,
  threefry,
  trigonometry,
  loops,
]

/** The primitive that a family file exports: itself, or through the function that applies it. */
function primitiveOf(exported: unknown): Primitive[] {
  if (typeof exported === 'function' && 'primitive' in exported) return [exported.primitive as Primitive]
  if (typeof exported === 'object' && exported !== null && 'lower' in exported) return [exported as Primitive]
  return []
}

/** Every primitive of the engine. The tests walk it: a primitive without rules, or without samples to test them on, fails. */
export const primitiveTable: readonly Primitive[] = [
  ...families.flatMap((family) => Object.values(family).flatMap(primitiveOf)),
  callPrimitive,
]
