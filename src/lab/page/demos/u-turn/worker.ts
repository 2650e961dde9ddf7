import { type Port, serve, usePageRuntime } from '../worker/serve.ts'
import { uTurnTasks } from './tasks.ts'

// The products are small: threads would wait for each other longer than they compute, above all on a machine that is busy.
usePageRuntime({ threads: 1 })
serve(uTurnTasks, self as unknown as Port)
