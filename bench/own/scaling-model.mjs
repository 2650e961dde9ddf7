// What a step on p ranks takes, by a model without a parameter that is fitted to more than one rank:
//   T(p) = compute / p + serial + log2(p) · 2 · latency + (p - 1) / p · N · (2 · bytes / bandwidth + 1 / additions)
// compute and serial: from steps of one rank with all shards and with half of them; latency and bandwidth: from messages; additions: from adding vectors.
// Halving and doubling sends each rank's share of N numbers twice (once to be added, once finished) in 2 · log2(p) messages.

const bytesOfFloat = 4

export function modelOf({ one, messages, parameters, shards }) {
  const aShard = (one.sharded - one.halfAsMany) / (shards / 2)
  // Halves measured a little faster than they are would leave less than nothing for what every rank does.
  const compute = Math.min(aShard * shards, one.sharded)
  const serial = one.sharded - compute
  return withLinks({ compute, serial, parameters, additions: messages.additions }, messages)
}

/** The same with links that are assumed: 10 Gbit/s, 50 µs from program to program. */
export const overNetwork = (model) => withLinks(model, { latency: 50e-6, bandwidth: 1.25e9 })

function withLinks({ compute, serial, parameters, additions }, { latency, bandwidth }) {
  const step = (ranks) => {
    const travelled = ((ranks - 1) / ranks) * parameters
    return compute / ranks + serial + 2 * Math.log2(ranks) * latency + travelled * ((2 * bytesOfFloat) / bandwidth + 1 / additions)
  }
  return { compute, serial, parameters, additions, step }
}
