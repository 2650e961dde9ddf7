import { type Port, serve, usePageRuntime } from '../worker/serve.ts'
import { uTurnTasks } from './tasks.ts'

usePageRuntime({ threads: 2 })
serve(uTurnTasks, self as unknown as Port)
