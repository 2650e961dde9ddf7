"""PyTorch on the CPU: eager, or --variant compile (torch.compile, inductor)."""

import torch
import torch.nn.functional as F
from torch import nn

from harness import arguments, load, measure

args = arguments()
torch.set_num_threads(args.threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
spec, weights, batches = load(args)
adam = spec["optimizer"]


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


model = MLP(spec["sizes"]) if spec["kind"] == "mlp" else GPT(*(spec[k] for k in ("layers", "width", "heads", "vocab", "context")))

# The files hold linear weights as [in, out]; nn.Linear wants [out, in].
initial = {}
for name, parameter in model.named_parameters():
    array = weights[name if name in weights else name.removesuffix(".weight")]
    linear = isinstance(model.get_submodule(name.rpartition(".")[0]), nn.Linear) and array.ndim == 2
    initial[name] = torch.from_numpy(array.T.copy() if linear else array)
    assert initial[name].shape == parameter.shape, name
assert len(initial) == len(weights)
batches = [(torch.from_numpy(x) if x.dtype.kind == "f" else torch.from_numpy(x).long(), torch.from_numpy(y).long()) for x, y in batches]

optimizer = torch.optim.Adam(
    model.parameters(), lr=adam["learningRate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], fused=True
)


def objective(x, y):
    return F.cross_entropy(model(x).flatten(0, -2), y.flatten())


if args.variant == "compile":
    objective = torch.compile(objective)


@torch.no_grad()
def reset():
    for name, parameter in model.named_parameters():
        parameter.copy_(initial[name])
    for state in optimizer.state.values():
        for value in state.values():
            value.zero_()


def step(i):
    x, y = batches[i]
    optimizer.zero_grad(set_to_none=True)
    loss = objective(x, y)
    loss.backward()
    optimizer.step()
    return loss.item()


reset()
measure(args, spec, step, reset, {"torch": torch.__version__})
