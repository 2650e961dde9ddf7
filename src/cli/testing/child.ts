import { cli } from '../cli.ts'
import { processTerminal } from '../terminal.ts'
import { walkMethods } from './shell.ts'

/** The command line as `main.ts` runs it, with the walk as its method and a moment of sleep a step. */
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

const status = await cli(process.argv.slice(1), { terminal: processTerminal(), methods: walkMethods({ step: () => sleep(5) }) })
process.stdout.write('', () => process.exit(status))
