/**
 * The workloads' networks in jax-js, as functions of the files' parameters. The library comes as an argument, since it may only be loaded
 * after its workers are lent.
 */
export function models({ nn, numpy: np }) {
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

  /**
   * 3×3 convolution with one pixel of padding, x [n, h, w, c]: a product with the nine pixels that each output pixel sees, side by side. The
   * library's own convolution and its derivatives take some thirty times as long on this backend.
   */
  function conv(params, name, x, stride = 1) {
    const [n, height, width, c] = x.shape
    const [h, w] = [height / stride, width / stride]
    const padding = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]
    const padded = np.pad(x, padding)
    const seen = (down, across) => {
      const window = padded.ref.slice([], [down, down + height], [across, across + width])
      return stride === 1 ? window : window.reshape([n, h, stride, w, stride, c]).slice([], [], 0, [], 0)
    }
    const taps = Array.from({ length: 9 }, (_, tap) => seen(Math.floor(tap / 3), tap % 3))
    padded.dispose()
    const patches = np.concatenate(taps, 3).reshape([n * h * w, 9 * c])
    const kernel = params[`${name}.weight`].ref.reshape([9 * c, -1])
    return np.matmul(patches, kernel).add(params[`${name}.bias`].ref).reshape([n, h, w, -1])
  }

  function resnet(spec, params, x) {
    let y = nn.relu(conv(params, 'stem', x))
    for (let i = 0; i < spec.blocks; i++) {
      const inner = nn.relu(conv(params, `blocks.${i}.conv1`, y.ref))
      y = nn.relu(y.add(conv(params, `blocks.${i}.conv2`, inner)))
    }
    return affine(params, 'head', np.mean(y, [1, 2]))
  }

  function unet(spec, params, x) {
    const stage = (name, input, stride) => {
      const y = conv(params, `${name}.conv`, input, stride)
      const [n, h, w, c] = y.shape
      const normal = nn.standardize(y.reshape([n, h * w, spec.groups, c / spec.groups]), [1, 3]).reshape([n, h, w, c])
      return nn.silu(normal.mul(params[`${name}.norm.weight`].ref).add(params[`${name}.norm.bias`].ref))
    }
    const doubled = (y) => np.repeat(np.repeat(y, 2, 1), 2, 2)
    const first = stage('enc', stage('in', x))
    const second = stage('mid1', stage('down1', first.ref, 2))
    const third = stage('mid2', stage('down2', second.ref, 2))
    const up = stage('up1', np.concatenate([doubled(third), second], 3))
    return conv(params, 'out', stage('up0', np.concatenate([doubled(up), first], 3)))
  }

  return { mlp, gpt, resnet, unet }
}
