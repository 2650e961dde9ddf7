import { type Port, serve, usePageRuntime } from '../worker/serve.ts'
import { textTasks } from './tasks.ts'

usePageRuntime({ threads: 1 })
serve(textTasks, self as unknown as Port)
