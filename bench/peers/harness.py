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
    parser.add_argument("--limit", type=float, required=True)
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


WARM = 2  # steps that are never timed
FEWEST = 3


def measure(args, spec, step, reset, versions):
    """step(i) trains on batch i and returns the loss as a Python float; reset() goes back to the first weights.

    First the steps whose losses are compared: `losses` of them, or as many as fit into `limit` seconds after the first. Where these already took longer than
    the timed seconds, they are the timed ones.
    """

    def timed(i):
        start = time.perf_counter()
        loss = step(i % spec["batches"])
        return 1000 * (time.perf_counter() - start), loss

    compared = [timed(0)]
    begin = time.perf_counter()
    while len(compared) < args.losses and (len(compared) < FEWEST or time.perf_counter() - begin < args.limit):
        compared.append(timed(len(compared)))
    times = [ms for ms, _ in compared[WARM:]]
    if sum(times) < 1000 * args.seconds:
        count = max(5, min(5000, round(1000 * args.seconds / statistics.median(times))))
        times = []
        for i in range(len(compared), len(compared) + count):
            if i % spec["resetEvery"] == 0:
                reset()
            times.append(timed(i)[0])
    report(
        {
            "losses": [loss for _, loss in compared],
            "firstMs": compared[0][0],
            "medianMs": statistics.median(times),
            "minMs": min(times),
            "steps": len(times),
            "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "threads": args.threads,
            "versions": {"python": platform.python_version(), **versions},
        }
    )


def report(result):
    """What a measurement found, as its last line; then the end, whatever threads a library may still hold."""
    print(json.dumps(result), flush=True)
    os._exit(0)
