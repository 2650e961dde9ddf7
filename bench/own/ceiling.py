"""A second witness of what this machine can do at best: the same product and sum in PyTorch, and the product in numpy."""

import json
import sys
import time

import numpy as np
import torch

threads, quick = int(sys.argv[1]), sys.argv[2:] == ["--quick"]
torch.set_num_threads(threads)
size, length = 2048, 2**24


def best(run):
    times = []
    for _ in range(3 + (3 if quick else 20)):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times[3:])


a, b, c = (torch.ones(size, size) for _ in range(3))
x, y, z = (torch.ones(length) for _ in range(3))
na, nb, nc = (np.ones((size, size), np.float32) for _ in range(3))
flops = 2 * size**3 / 1e9
print(
    json.dumps(
        {
            "torchGigaflops": flops / best(lambda: torch.matmul(a, b, out=c)),
            "numpyGigaflops": flops / best(lambda: np.matmul(na, nb, out=nc)),
            "torchGigabytes": 3 * 4 * length / 1e9 / best(lambda: torch.add(x, y, out=z)),
        }
    )
)
