"""JAX on the CPU: the whole training step under one jit, its state donated."""

import os

from harness import arguments, load, measure

args = arguments()
# XLA's CPU client sizes its pool by NPROC; without Eigen's threads a product stays on one thread too.
os.environ["NPROC"] = str(args.threads)
os.environ["JAX_PLATFORMS"] = "cpu"
if args.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import jaxlib

from jax_models import from_files, images, model_of

spec, weights, batches = load(args)
model = model_of(spec)
weights = from_files(weights)
adam = spec["optimizer"]


def objective(params, x, y):
    if spec["kind"] == "unet":
        return jnp.square(model(params, x) - y).mean()
    logits = model(params, x)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], axis=-1)
    return -chosen.mean()


def train(state, x, y):
    params, m, v, t = state
    loss, gradients = jax.value_and_grad(objective)(params, x, y)
    t = t + 1
    b1, b2 = adam["beta1"], adam["beta2"]
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, gradients)
    v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, gradients)
    c1, c2 = 1 - b1**t, 1 - b2**t
    params = jax.tree.map(lambda p, m, v: p - adam["learningRate"] * (m / c1) / (jnp.sqrt(v / c2) + adam["epsilon"]), params, m, v)
    return (params, m, v, t), loss


train = jax.jit(train, donate_argnums=0)
batches = [(jnp.asarray(images(x)), jnp.asarray(images(y))) for x, y in batches]


def reset():
    global state
    params = {name: jnp.array(value) for name, value in weights.items()}
    zeros = lambda: {name: jnp.zeros_like(value) for name, value in params.items()}
    state = jax.block_until_ready((params, zeros(), zeros(), jnp.zeros((), jnp.float32)))


def step(i):
    global state
    state, loss = train(state, *batches[i])
    jax.block_until_ready(state)
    return float(loss)


reset()
measure(args, spec, step, reset, {"jax": jax.__version__, "jaxlib": jaxlib.__version__})
