#!/usr/bin/env node
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
const { cli } = await import('./cli.ts')
const { methods } = await import('../methods/index.ts')
const status = await cli(process.argv.slice(2), { terminal, methods })
// A runtime's threads or a timer must not keep a finished command alive.
process.stdout.write('', () => process.exit(status))
