"""Group norm, a residual block, attention and a whole denoising U-Net in PyTorch, float64: values, and the gradients of the sum of squares of each.

Reads WORK/networks.json (what each case is) and WORK/networks.safetensors (`case.x`, `case.level`, and parameters by `case.params.path`); writes
WORK/torch.safetensors with `case.value` and `case.gradient.path`.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).parent.parent / "bench" / "peers"))
from pytorch_unet import Attention, DenoisingUNet, ResidualBlock  # noqa: E402


def build(kind, options):
    if kind == "norm":
        return torch.nn.GroupNorm(options["groups"], options["channels"])
    if kind == "attention":
        return Attention(options["channels"], options["groups"], options["heads"])
    if kind == "block":
        return ResidualBlock(options["input"], options["output"], options["told"], options["groups"], 0)
    return DenoisingUNet(options["network"], options["shape"])


def main(work):
    tensors = load_file(work / "networks.safetensors")
    results = {}
    for name, kind, options in json.loads((work / "networks.json").read_text()):
        module = build(kind, options).double()
        theirs = dict(module.named_parameters())
        # Norms call their factor a weight; products with a matrix are convolutions by 1x1 here.
        own = {path: path.replace(".scale", ".weight") if "." in path else path.replace("scale", "weight") for path in options["paths"]}
        assert set(own.values()) == set(theirs), set(own.values()) ^ set(theirs)
        with torch.no_grad():
            for path, parameter in own.items():
                theirs[parameter].copy_(tensors[f"{name}.params.{path}"].reshape(theirs[parameter].shape))
        x = tensors[f"{name}.x"].requires_grad_()
        level = tensors.get(f"{name}.level")
        value = module(x) if level is None else module(x, level)
        (value * value).sum().backward()
        results[f"{name}.value"] = value.detach().contiguous()
        results[f"{name}.gradient.x"] = x.grad.contiguous()
        for path, parameter in own.items():
            results[f"{name}.gradient.{path}"] = theirs[parameter].grad.reshape(tensors[f"{name}.params.{path}"].shape).contiguous()
    save_file(results, work / "torch.safetensors")
    print(json.dumps({"version": torch.__version__}))


main(Path(sys.argv[1]))
