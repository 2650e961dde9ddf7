"""Runs programs of Quire's primitives in PyTorch or JAX, in float64: values, gradients, second derivatives.

A program is a list of instructions on numbered values; a loss of all its float results, with given weights, is differentiated. What PyTorch and
JAX compute themselves is asked of them; only what they call otherwise is written out here, and in functions.py.
"""

import json
import sys
from pathlib import Path

import numpy
from safetensors.numpy import load_file, save_file

from functions import Missing, jax_functions, torch_functions


def tuples(value):
    return tuple(value) if isinstance(value, list) else value


def torch_library():
    import torch
    import torch.nn.functional as f

    dtypes = {"float32": torch.float64, "float64": torch.float64, "int32": torch.int32, "bool": torch.bool}

    def no_words():
        raise Missing("it has no arithmetic of uint32")

    def spread(x, factors):
        """Zeros between the elements of the spatial axes."""
        for axis, factor in enumerate(factors, start=x.dim() - len(factors)):
            if factor > 1 and x.shape[axis] > 0:
                x = torch.stack([x] + [torch.zeros_like(x)] * (factor - 1), axis + 1).flatten(axis, axis + 1)
                x = x.narrow(axis, 0, x.shape[axis] - factor + 1)
        return x

    def pad(x, low, high, interior):
        x = spread(x, [extra + 1 for extra in interior])
        # What is cut may lie in what is added, so all is added first.
        x = f.pad(x, [max(side, 0) for pair in reversed(list(zip(low, high))) for side in pair])
        return x[tuple(slice(max(-a, 0), x.shape[axis] - max(-b, 0)) for axis, (a, b) in enumerate(zip(low, high)))]

    def conv(x, w, a):
        x = pad(x, [0, 0] + a["low"], [0, 0] + a["high"], [0, 0] + [s - 1 for s in a["spread"]])
        return [f.conv1d, f.conv2d, f.conv3d][x.dim() - 3](x, w, None, a["stride"], 0, a["dilation"], a["groups"])

    def wrapped(indices, extent):
        """Negative ones count from the end."""
        return indices.long() % max(extent, 1)

    def scatter_add(updates, indices, a):
        axis, rank = a["axis"], indices.dim()
        flat = updates.flatten(axis, axis + rank - 1) if rank else updates.unsqueeze(axis)
        shape = list(flat.shape)
        shape[axis] = a["extent"]
        return torch.zeros(shape, dtype=updates.dtype).index_add(axis, wrapped(indices, a["extent"]).flatten(), flat)

    def gather(x, indices, a):
        picked = x.index_select(a["axis"], wrapped(indices, x.shape[a["axis"]]).flatten())
        return picked.reshape(x.shape[: a["axis"]] + indices.shape + x.shape[a["axis"] + 1 :])

    def add_along(updates, indices, a):
        shape = list(updates.shape)
        shape[a["axis"]] = a["extent"]
        return torch.zeros(shape, dtype=updates.dtype).scatter_add(a["axis"], wrapped(indices, a["extent"]), updates)

    def cumsum(x, a):
        return x.flip(a["axis"]).cumsum(a["axis"]).flip(a["axis"]) if a["reverse"] else x.cumsum(a["axis"])

    def sliced(x, a):
        return x[tuple(slice(*bounds) for bounds in zip(a["starts"], a["ends"], a["steps"]))]

    def standardize(x, a):
        variance = x.var(-1, correction=0, keepdim=True)
        return f.layer_norm(x, x.shape[-1:], eps=a["epsilon"]), (variance + a["epsilon"]).rsqrt()

    table = {
        "div": lambda a, b: torch.div(a, b, rounding_mode=None if a.is_floating_point() else "trunc"),
        "sub": torch.sub,
        "power": torch.pow,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "less": torch.lt,
        "lessEqual": torch.le,
        "equal": torch.eq,
        "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        "gelu": f.gelu,
        "truncatedRemainder": torch.fmod,
        "logicalAnd": torch.logical_and,
        "logicalOr": torch.logical_or,
        "logicalNot": torch.logical_not,
        "cast": lambda x, a: x.to(dtypes[a["dtype"]]) if a["dtype"] in dtypes else no_words(),
        "stopGradient": torch.Tensor.detach,
        "besselI0": torch.special.i0,
        "besselI0e": torch.special.i0e,
        "besselI1": torch.special.i1,
        "besselI1e": torch.special.i1e,
        "erfcx": torch.special.erfcx,
        "normalCdf": torch.special.ndtr,
        "logNormalCdf": torch.special.log_ndtr,
        "normalQuantile": torch.special.ndtri,
        "bitAnd": torch.bitwise_and,
        "bitOr": torch.bitwise_or,
        "bitXor": torch.bitwise_xor,
        "gather": gather,
        "scatterAdd": scatter_add,
        "takeAlong": lambda x, i, a: torch.gather(x, a["axis"], wrapped(i, x.shape[a["axis"]])),
        "addAlong": add_along,
        "conv": conv,
        "sum": lambda x, a: torch.sum(x, a["axes"]) if a["axes"] else x,
        "max": lambda x, a: torch.amax(x, a["axes"]),
        "argmax": lambda x, a: torch.argmax(x, a["axis"]),
        "cumsum": cumsum,
        "softmax": lambda x, a: torch.softmax(x, a["axis"]),
        "logSoftmax": lambda x, a: torch.log_softmax(x, a["axis"]),
        "standardize": standardize,
        "reshape": lambda x, a: x.reshape(a["shape"]),
        "transpose": lambda x, a: x.permute(a["permutation"]),
        "broadcastTo": lambda x, a: x.broadcast_to(a["shape"]),
        "slice": sliced,
        "pad": lambda x, a: pad(x, a["low"], a["high"], a["interior"]),
        "concat": lambda *x: torch.cat(x[:-1], x[-1]["axis"]),
        "split": lambda x, a: torch.tensor_split(x, a["pieces"], a["axis"]),
        "flip": lambda x, a: x.flip(a["axes"]),
        **torch_functions(),
    }

    def operation(name):
        return table.get(name) or getattr(torch, name, None)

    def array(x):
        return no_words() if x.dtype == numpy.uint32 else torch.from_numpy(x.copy())

    def differentiate(fn, args, direction, places, twice, _):

        def loss(*active):
            filled = list(args)
            for place, x in zip(places, active):
                filled[place] = x
            return fn(*filled)

        active = tuple(args[i].clone().requires_grad_() for i in places)
        gradient = torch.autograd.grad(loss(*active), active, create_graph=True, allow_unused=True, materialize_grads=True)
        first = {i: g.detach().numpy() for i, g in zip(places, gradient)}
        if not twice:
            return first, {}
        along = sum((g * direction[i]).sum() for g, i in zip(gradient, places))
        second = [torch.zeros_like(x) for x in active]
        if along.requires_grad:
            second = torch.autograd.grad(along, active, allow_unused=True, materialize_grads=True)
        return first, {i: s.detach().numpy() for i, s in zip(places, second)}

    return {
        "version": torch.__version__,
        "forget": lambda: None,
        "array": array,
        "numpy": lambda x: x.detach().numpy(),
        "is_float": lambda x: x.is_floating_point(),
        "operation": operation,
        "differentiate": differentiate,
    }


def jax_library():
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax import lax
    from jax.scipy import special

    dtypes = {"float32": jnp.float64, "float64": jnp.float64, "int32": jnp.int32, "uint32": jnp.uint32, "bool": jnp.bool_}

    def conv(x, w, a):
        return lax.conv_general_dilated(
            x, w, a["stride"], list(zip(a["low"], a["high"])), a["spread"], a["dilation"], feature_group_count=a["groups"]
        )

    def scatter_add(updates, indices, a):
        axis, rank = a["axis"], indices.ndim
        shape = updates.shape[:axis] + (a["extent"],) + updates.shape[axis + rank :]
        at = (slice(None),) * axis + (indices,)
        return jnp.zeros(shape, updates.dtype).at[at].add(updates)

    def add_along(updates, indices, a):
        shape = list(updates.shape)
        shape[a["axis"]] = a["extent"]
        at = list(jnp.indices(indices.shape))
        at[a["axis"]] = indices
        return jnp.zeros(shape, updates.dtype).at[tuple(at)].add(updates)

    def standardize(x, a):
        centred = x - x.mean(-1, keepdims=True)
        scale = lax.rsqrt((centred**2).mean(-1, keepdims=True) + a["epsilon"])
        return centred * scale, scale

    def pad(x, a):
        return lax.pad(x, jnp.zeros((), x.dtype), list(zip(a["low"], a["high"], a["interior"])))

    table = {
        "sub": jnp.subtract,
        "mul": jnp.multiply,
        "div": lambda a, b: jnp.divide(a, b) if jnp.issubdtype(a.dtype, jnp.floating) else lax.div(a, b),
        "neg": jnp.negative,
        "erf": lax.erf,
        "lessEqual": jnp.less_equal,
        "softplus": jax.nn.softplus,
        "sigmoid": jax.nn.sigmoid,
        "relu": jax.nn.relu,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "truncatedRemainder": jnp.fmod,
        "logicalAnd": jnp.logical_and,
        "logicalOr": jnp.logical_or,
        "logicalNot": jnp.logical_not,
        "cast": lambda x, a: x.astype(dtypes[a["dtype"]]),
        "stopGradient": lax.stop_gradient,
        "besselI0": special.i0,
        "besselI0e": special.i0e,
        "besselI1": special.i1,
        "besselI1e": special.i1e,
        "digamma": special.digamma,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "lgamma": special.gammaln,
        "logBeta": special.betaln,
        "normalCdf": special.ndtr,
        "logNormalCdf": special.log_ndtr,
        "normalQuantile": special.ndtri,
        "bitAnd": jnp.bitwise_and,
        "bitOr": jnp.bitwise_or,
        "bitXor": jnp.bitwise_xor,
        "gather": lambda x, i, a: jnp.take(x, i, a["axis"]),
        "scatterAdd": scatter_add,
        "takeAlong": lambda x, i, a: jnp.take_along_axis(x, i, a["axis"]),
        "addAlong": add_along,
        "conv": conv,
        "sum": lambda x, a: jnp.sum(x, tuple(a["axes"]), x.dtype),
        "max": lambda x, a: jnp.max(x, tuple(a["axes"])),
        "argmax": lambda x, a: jnp.argmax(x, a["axis"]),
        "cumsum": lambda x, a: lax.cumsum(x, a["axis"], a["reverse"]),
        "softmax": lambda x, a: jax.nn.softmax(x, a["axis"]),
        "logSoftmax": lambda x, a: jax.nn.log_softmax(x, a["axis"]),
        "standardize": standardize,
        "reshape": lambda x, a: x.reshape(a["shape"]),
        "transpose": lambda x, a: x.transpose(a["permutation"]),
        "broadcastTo": lambda x, a: jnp.broadcast_to(x, a["shape"]),
        "slice": lambda x, a: lax.slice(x, a["starts"], a["ends"], a["steps"]),
        "pad": pad,
        "concat": lambda *x: jnp.concatenate(x[:-1], x[-1]["axis"]),
        "split": lambda x, a: jnp.split(x, a["pieces"], a["axis"]),
        "flip": lambda x, a: jnp.flip(x, a["axes"]),
        **jax_functions(),
    }

    def differentiate(fn, args, direction, places, twice, reverse_only):

        def loss(active):
            filled = list(args)
            for place, x in zip(places, active):
                filled[place] = x
            return fn(*filled)

        active = [args[i] for i in places]
        if not twice:
            return {i: numpy.asarray(g) for i, g in zip(places, jax.grad(loss)(active))}, {}
        along = [direction[i] for i in places]
        if reverse_only:
            gradient = jax.grad(loss)(active)
            second = jax.grad(lambda x: sum((g * d).sum() for g, d in zip(jax.grad(loss)(x), along)))(active)
        else:
            gradient, second = jax.jvp(jax.grad(loss), (active,), (along,))
        return {i: numpy.asarray(g) for i, g in zip(places, gradient)}, {i: numpy.asarray(s) for i, s in zip(places, second)}

    return {
        "version": jax.__version__,
        "forget": jax.clear_caches,
        "array": jnp.asarray,
        "numpy": numpy.asarray,
        "is_float": lambda x: jnp.issubdtype(x.dtype, jnp.floating),
        "operation": lambda name: table.get(name) or getattr(jnp, name, None),
        "differentiate": differentiate,
    }


def run(library, program, args):
    values = list(args)
    for step in program["steps"]:
        operation = library["operation"](step["op"])
        if operation is None:
            raise Missing("no such function")
        inputs = [values[i] for i in step["inputs"]]
        result = operation(*inputs, step["attributes"]) if step["attributes"] else operation(*inputs)
        values.extend(result if isinstance(result, (tuple, list)) else [result])
    return [values[i] for i in program["outputs"]]


def main(name, work):
    library = {"torch": torch_library, "jax": jax_library}[name]()
    programs = json.loads((work / "programs.json").read_text())
    tensors = load_file(work / "programs.safetensors")
    results, missing = {}, []
    for k, program in enumerate(programs):
        if k % 50 == 49:
            library["forget"]()  # compiled programs are kept otherwise, gigabytes of them
        numbered = lambda kind: [library["array"](tensors[f"{k}.{kind}.{i}"]) for i in range(program[kind])]
        try:
            args, directions, weights = numbered("inputs"), numbered("directions"), numbered("weights")
            outputs = run(library, program, args)
        except Missing as error:
            missing.append([k, program["name"], str(error)])
            continue

        def loss(*x):
            floats = [y for y in run(library, program, x) if library["is_float"](y)]
            return sum(((y * y + y) * w).sum() for y, w in zip(floats, weights))

        for i, y in enumerate(outputs):
            results[f"{k}.value.{i}"] = numpy.array(library["numpy"](y), order="C")
        if program["derivatives"] > 0:
            gradient, second = library["differentiate"](loss, args, directions, program["active"], program["derivatives"] == 2, program["reverseOnly"])
            for kind, part in (("gradient", gradient), ("second", second)):
                for i, y in part.items():
                    results[f"{k}.{kind}.{i}"] = numpy.array(y, order="C")
    save_file(results, work / f"{name}.safetensors")
    print(json.dumps({"version": library["version"], "missing": missing}))


main(sys.argv[1], Path(sys.argv[2]))
