"""Networks of PyTorch, exported by torch.onnx.export, with an input, the output, and the gradient of the output's sum of squares."""

import json
import sys
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

warnings.filterwarnings("ignore")


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.embed = nn.Embedding(11, 16)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 5)

    def forward(self, tokens):
        return self.head(self.encoder(self.embed(tokens)).mean(1))


def residual():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.Conv2d(8, 8, 3, padding=1, bias=False)
            self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8)])

        def forward(self, x):
            return torch.relu(x + self.norms[1](self.second(torch.relu(self.norms[0](self.first(x))))))

    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(), Block(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
    )


def upsampling():
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1), nn.GroupNorm(2, 6), nn.SiLU(), nn.AvgPool2d(2), nn.ConvTranspose2d(6, 4, 4, 2, 1), nn.InstanceNorm2d(4), nn.Upsample(scale_factor=2, mode="bilinear")
    )


networks = {
    "mlp": (lambda: nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.LayerNorm(16), nn.Linear(16, 3), nn.LogSoftmax(-1)), lambda: torch.randn(4, 6)),
    "residual": (residual, lambda: torch.randn(2, 3, 16, 16)),
    "upsampling": (upsampling, lambda: torch.randn(2, 2, 8, 8)),
    "transformer": (Attention, lambda: torch.randint(0, 11, (2, 7))),
}


def main(work):
    for name, (build, example) in networks.items():
        torch.manual_seed(0)
        model, x = build().eval(), example()
        for dynamo in (False, True):
            path = work / f"{name}-{'dynamo' if dynamo else 'script'}.onnx"
            options = {"dynamo": True, "verbose": False, "external_data": False} if dynamo else {"dynamo": False}
            torch.onnx.export(model, (x,), str(path), input_names=["x"], output_names=["y"], **options)
            y = model(x)
            tensors = {"x": x, "y": y.detach()}
            if x.is_floating_point():
                given = x.clone().requires_grad_()
                (tensors["gradient"],) = torch.autograd.grad((model(given) ** 2).sum(), given)
            save_file({key: value.contiguous() for key, value in tensors.items()}, str(path.with_suffix(".safetensors")))
    print(json.dumps({"torch": torch.__version__}))


main(Path(sys.argv[1]))
