/**
 * The workloads' networks in TensorFlow.js, as functions of variables that bear the files' names. Images are [n, h, w, c] and kernels
 * [h, w, in, out], the library's own order.
 */
export function models(tf, spec, params) {
  /**
   * x @ w. The wasm backend gives only plain 2-D products to XNNPACK and computes a product with a transposed operand, which is what its own
   * derivative of matMul asks for, some ten times slower; transposing first is far faster.
   */
  const product = tf.customGrad((x, w, save) => {
    save([x, w])
    const gradFunc = (dy, [x, w]) => [tf.matMul(dy, tf.transpose(w)), tf.matMul(tf.transpose(x), dy)]
    return { value: tf.matMul(x, w), gradFunc }
  })

  const affine = (name, x) => tf.add(product(x, params[`${name}.weight`]), params[`${name}.bias`])

  function mlp(x) {
    const layers = spec.sizes.length - 1
    let h = x
    for (let i = 0; i < layers; i++) {
      h = affine(`layers.${i}`, h)
      if (i < layers - 1) h = tf.relu(h)
    }
    return h
  }

  /** Rows of a table. tfjs derives gather by a segment sum that its wasm backend lacks; the sum is a product with one-hot rows. */
  const lookUp = tf.customGrad((table, indices, save) => {
    save([indices])
    const gradFunc = (dy, [ids]) => [tf.matMul(tf.transpose(tf.cast(tf.oneHot(ids, table.shape[0]), 'float32')), dy), tf.zerosLike(ids)]
    return { value: tf.gather(table, indices), gradFunc }
  })

  function layerNorm(name, x) {
    const centred = tf.sub(x, tf.mean(x, -1, true))
    const variance = tf.mean(tf.square(centred), -1, true)
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), params[`${name}.weight`]), params[`${name}.bias`])
  }

  const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
  const mask =
    spec.kind === 'gpt' && tf.tidy(() => tf.keep(tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([spec.context, spec.context]), -1, 0)), -1e9)))

  // Activations are kept as [batch * time, width]: products with the weights are then plain matrix products.
  function gpt(tokens) {
    const [batch, time] = tokens.shape
    const { width, heads } = spec
    const depth = width / heads
    const split = (x) => tf.transpose(tf.reshape(x, [batch, time, heads, depth]), [0, 2, 1, 3])
    const embedded = tf.reshape(lookUp(params.tokens, tf.reshape(tokens, [-1])), [batch, time, width])
    let x = tf.reshape(tf.add(embedded, params.positions), [batch * time, width])
    for (let i = 0; i < spec.layers; i++) {
      const name = `blocks.${i}`
      const [q, k, v] = tf.split(affine(`${name}.qkv`, layerNorm(`${name}.norm1`, x)), 3, 1).map(split)
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth)), mask)
      const attended = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [batch * time, width])
      x = tf.add(x, affine(`${name}.proj`, attended))
      x = tf.add(x, affine(`${name}.down`, gelu(affine(`${name}.up`, layerNorm(`${name}.norm2`, x)))))
    }
    return affine('head', layerNorm('norm', x))
  }

  /** Zeros between the elements, so that a strided convolution's cotangent meets every second pixel. */
  const spread = (x) => {
    const [n, h, w, c] = x.shape
    const wide = tf.reshape(tf.concat([x, tf.zerosLike(x)], 3), [n, h, 1, 2 * w * c])
    return tf.reshape(tf.concat([wide, tf.zerosLike(wide)], 2), [n, 2 * h, 2 * w, c])
  }

  /** For each output pixel the 3×3 pixels that it sees, side by side: [n · h · w, 9 · c]. */
  const patches = (x, [n, h, w], stride) => {
    const padded = tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    const c = x.shape[3]
    const shifted = Array.from({ length: 9 }, (_, tap) => {
      const [down, across] = [Math.floor(tap / 3), tap % 3]
      const end = [n, down + stride * (h - 1) + 1, across + stride * (w - 1) + 1, c]
      return tf.stridedSlice(padded, [0, down, across, 0], end, [1, stride, stride, 1])
    })
    return tf.reshape(tf.concat(shifted, 3), [n * h * w, 9 * c])
  }

  /**
   * 3×3 convolution, one pixel of padding. The wasm backend has no derivative for the kernel, and a slow one for the input: the first is
   * given as a product with patches, the second as a convolution with the kernel turned around.
   */
  const convolve = (stride) =>
    tf.customGrad((x, kernel, save) => {
      save([x, kernel])
      const gradFunc = (dy, [x, kernel]) => {
        const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2])
        const dx = tf.conv2d(stride === 2 ? spread(dy) : dy, turned, 1, 'same')
        const columns = tf.transpose(patches(x, dy.shape, stride))
        const dkernel = tf.reshape(tf.matMul(columns, tf.reshape(dy, [-1, dy.shape[3]])), kernel.shape)
        return [dx, dkernel]
      }
      return { value: tf.conv2d(x, kernel, stride, 1, 'NHWC', 1, 'floor'), gradFunc }
    })
  const byStride = { 1: convolve(1), 2: convolve(2) }
  const conv = (name, x, stride = 1) => tf.add(byStride[stride](x, params[`${name}.weight`]), params[`${name}.bias`])

  function resnet(x) {
    let y = tf.relu(conv('stem', x))
    for (let i = 0; i < spec.blocks; i++) {
      const inner = tf.relu(conv(`blocks.${i}.conv1`, y))
      y = tf.relu(tf.add(y, conv(`blocks.${i}.conv2`, inner)))
    }
    return affine('head', tf.mean(y, [1, 2]))
  }

  function unet(x) {
    const stage = (name, input, stride) => {
      const y = conv(`${name}.conv`, input, stride)
      const [n, h, w, c] = y.shape
      const groups = tf.reshape(y, [n, h * w, spec.groups, c / spec.groups])
      const centred = tf.sub(groups, tf.mean(groups, [1, 3], true))
      const variance = tf.mean(tf.square(centred), [1, 3], true)
      const normal = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), y.shape)
      const scaled = tf.add(tf.mul(normal, params[`${name}.norm.weight`]), params[`${name}.norm.bias`])
      return tf.mul(scaled, tf.sigmoid(scaled))
    }
    const doubled = (y) => tf.image.resizeNearestNeighbor(y, [2 * y.shape[1], 2 * y.shape[2]])
    const first = stage('enc', stage('in', x))
    const second = stage('mid1', stage('down1', first, 2))
    const third = stage('mid2', stage('down2', second, 2))
    const up = stage('up1', tf.concat([doubled(third), second], 3))
    return conv('out', stage('up0', tf.concat([doubled(up), first], 3)))
  }

  return { mlp, gpt, resnet, unet }[spec.kind]
}
