import { on } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { campaign } from './campaign.ts'
import { readers } from './readers.ts'
import { type Job, share } from './share.ts'

// Campaigns in a thread of their own, so that whoever asks for them sees when a file is read for too long. The module never ends: what it has imported can
// import more only until then.
for await (const [{ reader, cases, seed, shared }] of on(parentPort!, 'message') as AsyncIterable<[Job]>) {
  const { begin } = share(shared)
  parentPort!.postMessage(await campaign(readers.find(({ name }) => name === reader)!, { cases, seed, watch: begin }))
}
