"""PyTorch on the CPU: eager, or --variant compile (torch.compile, inductor)."""

import torch
import torch.nn.functional as F

from harness import arguments, load, measure
from pytorch_models import initial_values, model_of
from pytorch_ramda import Ramda
from pytorch_sampling import sampler

args = arguments()
torch.set_num_threads(args.threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
spec, weights, batches = load(args)
model = model_of(spec)
initial = initial_values(model, weights)
tensor = lambda array: torch.from_numpy(array) if array.dtype.kind == "f" else torch.from_numpy(array).long()
batches = [(tensor(x), tensor(y)) for x, y in batches]

if "ramda" in spec:
    optimizer = Ramda(model.parameters(), spec["ramda"])
else:
    adam = spec["optimizer"]
    optimizer = torch.optim.Adam(
        model.parameters(), lr=adam["learningRate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], fused=True
    )


def objective(x, y):
    if spec["kind"] == "denoiser":
        levels = torch.arange(len(x)) * 1000 // len(x)
        return F.mse_loss(model(x, levels.float()), y)
    if spec["kind"] == "unet":
        return F.mse_loss(model(x), y)
    return F.cross_entropy(model(x).flatten(0, -2), y.flatten())


if args.variant == "compile":
    objective = torch.compile(objective)


@torch.no_grad()
def reset():
    for name, parameter in model.named_parameters():
        parameter.copy_(initial[name])
    if "ramda" in spec:
        optimizer.restart()
    else:
        for state in optimizer.state.values():
            for value in state.values():
                value.zero_()


if "sampling" in spec:
    sample = sampler(model, spec["sampling"])


def step(i):
    x, y = batches[i]
    if "sampling" in spec:
        return sample(x)
    optimizer.zero_grad()
    loss = objective(x, y)
    loss.backward()
    optimizer.step()
    return loss.item()


reset()
measure(args, spec, step, reset, {"torch": torch.__version__})
