"""The workloads' networks in PyTorch. Parameters bear the files' names."""

import torch
import torch.nn.functional as F
from torch import nn

from pytorch_unet import DenoisingUNet


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = (t.view(batch, time, self.heads, -1).transpose(1, 2) for t in self.qkv(self.norm1(x)).split(width, dim=2))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(attended.transpose(1, 2).reshape(batch, time, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, layers, width, heads, vocab, context):
        super().__init__()
        self.tokens = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab)

    def forward(self, x):
        x = self.tokens(x) + self.positions.weight[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class ResNet(nn.Module):
    def __init__(self, channels, blocks, classes):
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        return self.head(self.blocks(F.relu(self.stem(x))).mean((2, 3)))


class Stage(nn.Module):
    def __init__(self, inputs, outputs, groups, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, stride=stride)
        self.norm = nn.GroupNorm(groups, outputs)

    def forward(self, x):
        return F.silu(self.norm(self.conv(x)))


class UNet(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        top, middle, bottom = channels
        stages = {
            "in": (1, top),
            "enc": (top, top),
            "down1": (top, middle, 2),
            "mid1": (middle, middle),
            "down2": (middle, bottom, 2),
            "mid2": (bottom, bottom),
            "up1": (bottom + middle, middle),
            "up0": (middle + top, top),
        }
        for name, (inputs, outputs, *stride) in stages.items():
            self.add_module(name, Stage(inputs, outputs, groups, *stride))
        self.out = nn.Conv2d(top, 1, 3, padding=1)

    def forward(self, x):
        first = self.enc(getattr(self, "in")(x))
        second = self.mid1(self.down1(first))
        third = self.mid2(self.down2(second))
        up = self.up1(torch.cat([F.interpolate(third, scale_factor=2), second], 1))
        return self.out(self.up0(torch.cat([F.interpolate(up, scale_factor=2), first], 1)))


def model_of(spec):
    make, names = {
        "mlp": (MLP, ["sizes"]),
        "gpt": (GPT, ["layers", "width", "heads", "vocab", "context"]),
        "resnet": (ResNet, ["channels", "blocks", "classes"]),
        "unet": (UNet, ["channels", "groups"]),
        "denoiser": (lambda network, size: DenoisingUNet(network, [1, size, size]), ["network", "size"]),
    }[spec["kind"]]
    return make(*(spec[name] for name in names))


def initial_values(model, weights):
    """The files' arrays under the model's names. They hold linear weights as [in, out]; nn.Linear wants [out, in]."""
    values = {}
    for name, parameter in model.named_parameters():
        array = weights[name if name in weights else name.removesuffix(".weight")]
        # A product with a matrix is a linear layer, or a convolution by 1x1.
        linear = isinstance(model.get_submodule(name.rpartition(".")[0]), (nn.Linear, nn.Conv2d)) and array.ndim == 2
        values[name] = torch.from_numpy(array.T.copy() if linear else array).reshape(parameter.shape)
        assert values[name].shape == parameter.shape, name
    assert len(values) == len(weights)
    return values
