"""The denoising U-Net of the diffusion kit (SR3's form) in PyTorch. Modules bear the names that parameters have in the kit's files."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def norm(channels, groups):
    return nn.GroupNorm(math.gcd(channels, groups), channels)


class Attention(nn.Module):
    def __init__(self, channels, groups, heads=1):
        super().__init__()
        self.heads = heads
        self.norm = norm(channels, groups)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1, bias=False)
        self.projection = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        n, c, h, w = x.shape
        q, k, v = (t.reshape(n, self.heads, c // self.heads, h * w).transpose(2, 3) for t in self.qkv(self.norm(x)).chunk(3, 1))
        attended = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(n, c, h, w)
        return x + self.projection(attended)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, told, groups, attention):
        super().__init__()
        self.norm1 = norm(inputs, groups)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.condition = nn.Linear(told, outputs)
        self.norm2 = norm(outputs, groups)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1)
        if attention:
            self.attention = Attention(outputs, groups, attention)

    def forward(self, x, told):
        h = self.conv1(F.silu(self.norm1(x))) + self.condition(told)[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        h = h + (self.shortcut(x) if hasattr(self, "shortcut") else x)
        return self.attention(h) if hasattr(self, "attention") else h


class Level(nn.Module):
    def __init__(self, blocks, resample=None):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        if resample:
            self.resample = resample


class Embedding(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.half = size // 2
        self.layers = nn.ModuleList([nn.Linear(size, 4 * size), nn.Linear(4 * size, size)])

    def forward(self, level):
        frequencies = torch.exp(-math.log(10000) * torch.arange(self.half, dtype=level.dtype) / self.half)
        angles = level[:, None] * frequencies
        return self.layers[1](F.silu(self.layers[0](torch.cat([angles.sin(), angles.cos()], 1))))


class DenoisingUNet(nn.Module):
    """network: the kit's UNetConfig as a dictionary; shape: [channels, height, width] of an example."""

    def __init__(self, network, shape):
        super().__init__()
        data, height, _ = shape
        base, multiples, count = network["channels"], network["multiples"], network["blocks"]
        groups = network.get("groups", min(32, base))
        heads = network.get("heads", 1)

        def block(inputs, outputs, attends):
            return ResidualBlock(inputs, outputs, base, groups, heads if attends else 0)

        self.embedding = Embedding(base)
        self.input = nn.Conv2d(data, base, 3, padding=1)
        kept, current = [base], base
        down, up = [], []
        for level, multiple in enumerate(multiples):
            attends = height // 2**level in network["attention"]
            blocks = []
            for _ in range(count):
                blocks.append(block(current, base * multiple, attends))
                current = base * multiple
                kept.append(current)
            last = level == len(multiples) - 1
            down.append(Level(blocks, None if last else nn.Conv2d(current, current, 3, stride=2, padding=1)))
            if not last:
                kept.append(current)
        self.middle = nn.ModuleList([block(current, current, True), block(current, current, False)])
        for level in reversed(range(len(multiples))):
            attends = height // 2**level in network["attention"]
            blocks = []
            for _ in range(count + 1):
                blocks.append(block(current + kept.pop(), base * multiples[level], attends))
                current = base * multiples[level]
            up.append(Level(blocks, nn.Conv2d(current, current, 3, padding=1) if level else None))
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)
        self.norm = norm(current, groups)
        self.output = nn.Conv2d(current, data, 3, padding=1)

    def forward(self, x, level):
        told = self.embedding(level)
        kept = [self.input(x)]
        for part in self.down:
            for block in part.blocks:
                kept.append(block(kept[-1], told))
            if hasattr(part, "resample"):
                kept.append(part.resample(kept[-1]))
        h = kept[-1]
        for block in self.middle:
            h = block(h, told)
        for part in self.up:
            for block in part.blocks:
                h = block(torch.cat([h, kept.pop()], 1), told)
            if hasattr(part, "resample"):
                h = part.resample(F.interpolate(h, scale_factor=2))
        return self.output(F.silu(self.norm(h)))
