import { parentPort, workerData } from 'node:worker_threads'
import { campaign } from './campaign.ts'
import { readers } from './readers.ts'
import { type Job, share } from './share.ts'

/** A campaign in a thread of its own, so that whoever started it sees when a file is read for too long. */
const { reader, cases, seed, shared } = workerData as Job
const { begin } = share(shared)
parentPort!.postMessage(await campaign(readers.find(({ name }) => name === reader)!, { cases, seed, watch: begin }))
