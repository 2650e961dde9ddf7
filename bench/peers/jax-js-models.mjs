/**
 * The workloads' networks in jax-js, as functions of the files' parameters. The library comes as an argument, since it may only be loaded
 * after its workers are lent.
 */
export function models({ lax, nn, numpy: np }) {
  const affine = (params, name, x) => np.matmul(x, params[`${name}.weight`].ref).add(params[`${name}.bias`].ref)

  function mlp(spec, params, x) {
    const layers = spec.sizes.length - 1
    let h = x
    for (let i = 0; i < layers; i++) {
      h = affine(params, `layers.${i}`, h)
      if (i < layers - 1) h = nn.relu(h)
    }
    return h
  }

  const layerNorm = (params, name, x) => nn.standardize(x).mul(params[`${name}.weight`].ref).add(params[`${name}.bias`].ref)

  /** As nn.dotProductAttention, which needs Node 22 (iterator helpers) and is slower here: causal, over [batch, time, heads, depth]. */
  function attention(...qkv) {
    const [q, k, v] = qkv.map((x) => np.transpose(x, [0, 2, 1, 3]))
    const [time, depth] = q.shape.slice(-2)
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(depth))
    const causal = np.where(np.tri(time, time, 0, { dtype: np.bool }), scores, -1e9)
    return np.transpose(np.matmul(nn.softmax(causal), v), [0, 2, 1, 3])
  }

  function gpt(spec, params, tokens) {
    const [batch, time] = tokens.shape
    const { width, heads, vocab } = spec
    let x = np.matmul(nn.oneHot(tokens, vocab), params.tokens.ref).add(params.positions.ref)
    for (let i = 0; i < spec.layers; i++) {
      const name = `blocks.${i}`
      const qkv = affine(params, `${name}.qkv`, layerNorm(params, `${name}.norm1`, x.ref))
      const attended = attention(...np.split(qkv, 3, -1).map((part) => part.reshape([batch, time, heads, width / heads])))
      x = x.add(affine(params, `${name}.proj`, attended.reshape([batch, time, width])))
      const hidden = nn.gelu(affine(params, `${name}.up`, layerNorm(params, `${name}.norm2`, x.ref)), { approximate: false })
      x = x.add(affine(params, `${name}.down`, hidden))
    }
    return affine(params, 'head', layerNorm(params, 'norm', x))
  }

  const perChannel = (params, name) => np.reshape(params[name].ref, [-1, 1, 1])
  const conv = (params, name, x, stride = 1) => {
    const padding = [
      [1, 1],
      [1, 1],
    ]
    const y = lax.convGeneralDilated(x, params[`${name}.weight`].ref, [stride, stride], padding)
    return y.add(perChannel(params, `${name}.bias`))
  }

  function resnet(spec, params, x) {
    let y = nn.relu(conv(params, 'stem', x))
    for (let i = 0; i < spec.blocks; i++) {
      const inner = nn.relu(conv(params, `blocks.${i}.conv1`, y.ref))
      y = nn.relu(y.add(conv(params, `blocks.${i}.conv2`, inner)))
    }
    return affine(params, 'head', np.mean(y, [2, 3]))
  }

  function unet(spec, params, x) {
    const stage = (name, input, stride) => {
      const y = conv(params, `${name}.conv`, input, stride)
      const { shape } = y
      const normal = nn.standardize(y.reshape([shape[0], spec.groups, -1])).reshape(shape)
      return nn.silu(normal.mul(perChannel(params, `${name}.norm.weight`)).add(perChannel(params, `${name}.norm.bias`)))
    }
    const doubled = (y) => np.repeat(np.repeat(y, 2, 2), 2, 3)
    const first = stage('enc', stage('in', x))
    const second = stage('mid1', stage('down1', first.ref, 2))
    const third = stage('mid2', stage('down2', second.ref, 2))
    const up = stage('up1', np.concatenate([doubled(third), second], 1))
    return conv(params, 'out', stage('up0', np.concatenate([doubled(up), first], 1)))
  }

  return { mlp, gpt, resnet, unet }
}
