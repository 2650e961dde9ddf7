"""What every Python peer does around its own training step: arguments, files, the clock, one line of JSON. harness.mjs is its twin."""

import argparse
import json
import os
import platform
import resource
import statistics
import time
from pathlib import Path


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--workload", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--losses", type=int, required=True)
    parser.add_argument("--variant", default="")
    return parser.parse_args()


def load(args):
    """The workload's description, its first weights and its batches, as numpy arrays."""
    from safetensors.numpy import load_file

    folder = Path(args.work)
    spec = json.loads((folder / f"{args.workload}.json").read_text())
    weights = load_file(folder / f"{args.workload}.weights.safetensors")
    data = load_file(folder / f"{args.workload}.batches.safetensors")
    batches = [(data["x"][i], data["y"][i]) for i in range(spec["batches"])]
    return spec, weights, batches


def measure(args, spec, step, reset, versions):
    """step(i) trains on batch i and returns the loss as a Python float; reset() goes back to the first weights."""

    def timed(i):
        start = time.perf_counter()
        loss = step(i % spec["batches"])
        return 1000 * (time.perf_counter() - start), loss

    warm, losses = zip(*(timed(i) for i in range(args.losses)))
    estimate = statistics.median(warm[len(warm) // 2 :])
    count = max(5, min(5000, round(1000 * args.seconds / estimate)))
    times = []
    for i in range(count):
        if (args.losses + i) % spec["resetEvery"] == 0:
            reset()
        times.append(timed(args.losses + i)[0])
    print(
        json.dumps(
            {
                "losses": losses,
                "firstMs": warm[0],
                "medianMs": statistics.median(times),
                "minMs": min(times),
                "steps": count,
                "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "threads": args.threads,
                "versions": {"python": platform.python_version(), **versions},
            }
        ),
        flush=True,
    )
    os._exit(0)
