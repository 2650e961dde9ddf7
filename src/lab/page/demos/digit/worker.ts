import { type Port, serve, usePageRuntime } from '../worker/serve.ts'
import { digitTasks } from './tasks.ts'

usePageRuntime({ threads: 1 })
serve(digitTasks, self as unknown as Port)
