import { createRequire } from 'node:module'
import type { LibraryHandle } from 'koffi'
import { InputError, type TypedArray } from '../../../engine/index.ts'

/*
 * The few functions of MPI that are used, called where they lie: nothing is compiled. Open MPI and the family of MPICH (Intel MPI, MVAPICH, Cray) have the
 * same functions, and different handles: addresses of symbols there, numbers here.
 */

/** Constants of mpi.h, and the C type of a handle. */
interface Abi {
  readonly handle: 'void *' | 'int'
  readonly world: unknown
  readonly float: unknown
  readonly double: unknown
  readonly byte: unknown
  readonly sum: unknown
  readonly errorsReturn: unknown
  readonly inPlace: bigint
  readonly ignoreStatus: bigint
}

const openMpi = (library: LibraryHandle): Abi => ({
  handle: 'void *',
  world: library.symbol('ompi_mpi_comm_world'),
  float: library.symbol('ompi_mpi_float'),
  double: library.symbol('ompi_mpi_double'),
  byte: library.symbol('ompi_mpi_byte'),
  sum: library.symbol('ompi_mpi_op_sum'),
  errorsReturn: library.symbol('ompi_mpi_errors_return'),
  inPlace: 1n,
  ignoreStatus: 0n,
})

const mpich: Abi = {
  handle: 'int',
  world: 0x44000000,
  float: 0x4c00040a,
  double: 0x4c00080b,
  byte: 0x4c00010d,
  sum: 0x58000003,
  errorsReturn: 0x54000001,
  inPlace: -1n,
  ignoreStatus: 1n,
}

/** An operation that is under way: the memory of its handle, and the arrays that it still reads or writes. */
export interface Request {
  readonly handle: Uint8Array
  readonly uses: readonly TypedArray[]
}

const tag = 26
const funneled = 1

/** MPI, started. Its functions return at once; `test` says when an operation is done. */
export class Mpi {
  readonly rank: number
  readonly size: number
  /** Such as `Open MPI v4.1.4`. */
  readonly version: string
  readonly #abi: Abi
  readonly #functions: Record<'Isend' | 'Irecv' | 'Ibcast' | 'Iallreduce' | 'Test' | 'Finalize' | 'Abort' | 'Error_string', Call>
  readonly #flag = new Int32Array(1)

  constructor(library: LibraryHandle) {
    this.version = versionOf(library)
    const abi = abiOf(library, this.version)
    this.#abi = abi
    const { handle } = abi
    const bind = (name: string, ...types: string[]): Call => library.func(`MPI_${name}`, 'int', types) as Call
    this.#functions = {
      Isend: bind('Isend', 'void *', 'int', handle, 'int', 'int', handle, 'void *'),
      Irecv: bind('Irecv', 'void *', 'int', handle, 'int', 'int', handle, 'void *'),
      Ibcast: bind('Ibcast', 'void *', 'int', handle, 'int', handle, 'void *'),
      Iallreduce: bind('Iallreduce', 'void *', 'void *', 'int', handle, handle, handle, 'void *'),
      Test: bind('Test', 'void *', 'void *', 'void *'),
      Finalize: bind('Finalize'),
      Abort: bind('Abort', handle, 'int'),
      Error_string: bind('Error_string', 'int', 'void *', 'void *'),
    }
    const out = new Int32Array(1)
    this.#check(bind('Init_thread', 'void *', 'void *', 'int', 'void *')(null, null, funneled, out))
    this.#check(bind('Comm_set_errhandler', handle, handle)(abi.world, abi.errorsReturn))
    const ask = (name: string): number => {
      this.#check(bind(name, handle, 'void *')(abi.world, out))
      return out[0]
    }
    this.rank = ask('Comm_rank')
    this.size = ask('Comm_size')
  }

  send(data: TypedArray, to: number): Request {
    return this.#start([data], (handle) => this.#functions.Isend(data, ...this.#counted(data), to, tag, this.#abi.world, handle))
  }

  receive(into: TypedArray, from: number): Request {
    return this.#start([into], (handle) => this.#functions.Irecv(into, ...this.#counted(into), from, tag, this.#abi.world, handle))
  }

  broadcast(data: TypedArray): Request {
    return this.#start([data], (handle) => this.#functions.Ibcast(data, ...this.#counted(data), 0, this.#abi.world, handle))
  }

  sum(data: TypedArray): Request {
    const { inPlace, sum, world } = this.#abi
    return this.#start([data], (handle) => this.#functions.Iallreduce(inPlace, data, ...this.#counted(data), sum, world, handle))
  }

  /** Whether an operation is done; asking drives it on. */
  test({ handle }: Request): boolean {
    this.#check(this.#functions.Test(handle, this.#flag, this.#abi.ignoreStatus))
    return this.#flag[0] !== 0
  }

  /** Ends MPI in this process; every rank must come here. */
  finalize(): void {
    this.#functions.Finalize()
  }

  /** Has the launcher end all ranks, this one too. */
  abort(status: number): void {
    this.#functions.Abort(this.#abi.world, status)
  }

  #start(uses: readonly TypedArray[], call: (handle: Uint8Array) => number): Request {
    // Eight bytes have room for the handles of either family.
    const request = { handle: new Uint8Array(8), uses }
    this.#check(call(request.handle))
    return request
  }

  #counted(data: TypedArray): [number, unknown] {
    if (data instanceof Float32Array) return [data.length, this.#abi.float]
    if (data instanceof Float64Array) return [data.length, this.#abi.double]
    return [data.byteLength, this.#abi.byte]
  }

  #check(code: number): void {
    if (code === 0) return
    const text = new Uint8Array(1024)
    const length = new Int32Array(1)
    this.#functions.Error_string(code, text, length)
    throw new Error(`MPI: ${new TextDecoder().decode(text.subarray(0, length[0])) || `error ${code}`}`)
  }
}

type Call = (...given: unknown[]) => number

function versionOf(library: LibraryHandle): string {
  const text = new Uint8Array(8192)
  library.func('MPI_Get_library_version', 'int', ['void *', 'void *'])(text, new Int32Array(1))
  return new TextDecoder()
    .decode(text.subarray(0, text.indexOf(0)))
    .split(/[\n,]/)[0]
    .replace(/\s+/g, ' ')
    .trim()
}

function abiOf(library: LibraryHandle, version: string): Abi {
  if (/^Open MPI/.test(version)) return openMpi(library)
  if (/^(MPICH|Intel|MVAPICH|CRAY)/i.test(version)) return mpich
  throw new InputError(`'${version}' is neither Open MPI nor of the family of MPICH`, {
    where: 'MPI',
    fix: 'use one of them; QUIRE_MPI names its library',
  })
}

/** By the names that Debian, Red Hat and others give them: Open MPI first, or the family of MPICH where its launcher is recognised. */
const libraries = (env: Readonly<Record<string, string | undefined>>): string[] => {
  const [open, other] = [
    ['libmpi.so.40', 'libmpi.dylib'],
    ['libmpich.so.12', 'libmpi.so.12', 'libmpi_cray.so.12'],
  ]
  return env.PMI_RANK !== undefined && env.OMPI_COMM_WORLD_RANK === undefined ? [...other, ...open] : [...open, ...other]
}

/** Loads the system's MPI and starts it. */
export function startMpi(env: Readonly<Record<string, string | undefined>>): Mpi {
  const koffi = loadKoffi()
  const names = env.QUIRE_MPI ? [env.QUIRE_MPI] : libraries(env)
  const reasons: string[] = []
  for (const name of names) {
    try {
      return new Mpi(koffi.load(name, { global: true }))
    } catch (error) {
      if (error instanceof InputError || !/load|open|find/i.test(String(error))) throw error
      reasons.push(String(error instanceof Error ? error.message : error).split('\n')[0])
    }
  }
  throw new InputError(`the library of MPI does not load: ${reasons[0]}`, {
    where: env.QUIRE_MPI ? `QUIRE_MPI=${env.QUIRE_MPI}` : 'MPI',
    fix: 'install that of the mpirun in use (Debian: openmpi-bin), or set QUIRE_MPI to its path',
  })
}

function loadKoffi(): typeof import('koffi') {
  try {
    return createRequire(import.meta.url)('koffi')
  } catch (error) {
    throw new InputError('koffi, which calls the library of MPI, is not installed', {
      where: 'MPI',
      fix: 'npm install koffi',
      cause: error,
    })
  }
}
