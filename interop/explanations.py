"""R2ET's terms in PyTorch, in float64: saliency, gaps, norms of the Hessian, objectives, attacks. Derivatives are PyTorch's own double backward.

Written from the formulas, row by row where that is plainer: nothing here is quick.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as f
from safetensors.torch import load_file, save_file

work = Path(sys.argv[1])
given = load_file(work / "given.safetensors")
about = json.loads((work / "given.json").read_text())
k, pairs, beta = about["k"], about["pairs"], about["beta"]
x, beside, labels = given["x"], given["beside"], given["y"].long()
layers = [[given[f"weight{i}"].requires_grad_(), given[f"bias{i}"].requires_grad_()] for i in range(about["layers"])]
parameters = [p for layer in layers for p in layer]


def classify(x):
    for weight, bias in layers[:-1]:
        x = f.softplus(x @ weight.T + bias, beta=beta, threshold=1e9)
    return x @ layers[-1][0].T + layers[-1][1]


def predicted(logits):
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(1)


def margin(logits, classes):
    if logits.shape[1] == 1:
        return logits[:, 0] * torch.where(classes > 0, 1.0, -1.0)
    own = logits.gather(1, classes[:, None])[:, 0]
    return own - (logits.sum(1) - own) / (logits.shape[1] - 1)


def log_probability(logits, classes):
    if logits.shape[1] == 1:
        return f.logsigmoid(margin(logits, classes))
    return f.log_softmax(logits, 1).gather(1, classes[:, None])[:, 0]


quantities = {
    "logitMargin": margin,
    "prob": lambda logits, classes: log_probability(logits, classes).exp(),
    "ce": lambda logits, classes: -log_probability(logits, classes),
}


def gradient(x, of="logitMargin", classes=None):
    """By the input, itself differentiable."""
    x = x if x.requires_grad else x.clone().requires_grad_()
    logits = classify(x)
    classes = predicted(logits) if classes is None else classes
    return torch.autograd.grad(quantities[of](logits, classes).sum(), x, create_graph=True)[0]


def integrated(x, samples=16):
    classes = predicted(classify(x))
    total = sum(gradient(x * ((i + 0.5) / samples), classes=classes) for i in range(samples))
    return x * total / samples


def top(map):
    """Features by saliency, the largest first; the first k are the set."""
    return map.detach().argsort(dim=1, descending=True, stable=True)


def gap_all(map, order):
    terms = [(map[r, i] - map[r, j]) for r in range(len(map)) for i in order[r, :k] for j in order[r, k:]]
    return torch.stack(terms).reshape(len(map), -1).mean(1)


def gap_hardest(map, order, pairs=pairs):
    """The set is the first k of `order`; which of its pairs are hardest is decided by the map."""
    rows = []
    for r in range(len(map)):
        inside = sorted(order[r, :k].tolist(), key=lambda i: map[r, i].item())
        outside = sorted(order[r, k:].tolist(), key=lambda j: -map[r, j].item())
        count = min(pairs, len(inside), len(outside))
        rows.append(torch.stack([map[r, i] - map[r, j] for i, j in zip(inside[:count], outside[:count])]).mean())
    return torch.stack(rows)


def gaps_of_code(map, order):
    last = order[:, k - 1 : k]
    above = map.gather(1, order[:, : k - 1]) - map.gather(1, last)
    below = map.gather(1, last) - map.gather(1, order[:, k : 2 * k])
    return torch.cat([above, below], 1)


def unit(v):
    return v / (v.norm(dim=1, keepdim=True) + 1e-12)


def times(x, v):
    """H v, differentiable by the parameters."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad((gradient(x) * v).sum(), x, create_graph=True)[0]


def along_signs(x):
    return times(x, unit(gradient(x).sign()).detach()).norm(dim=1)


def by_difference(x, h=1e-3):
    g = gradient(x)
    return (gradient(x + h * unit(g.sign()).detach()) - g).norm(dim=1) / h


def frobenius(x):
    columns = [times(x, torch.eye(x.shape[1], dtype=x.dtype)[i].expand_as(x)) for i in range(x.shape[1])]
    return torch.stack(columns).square().sum((0, 2)).sqrt()


def eigenvalue(x, iterations=8):
    v = unit(gradient(x)).detach()
    for _ in range(iterations):
        v = unit(times(x, v)).detach()
    return (v * times(x, v)).sum(1).abs()


def loss(x):
    logits = classify(x)
    return f.binary_cross_entropy_with_logits(logits[:, 0], labels.double()) if logits.shape[1] == 1 else f.cross_entropy(logits, labels)


def objective(gap=None, norm=None, adaptive=False):
    total = loss(x)
    plain = total

    def weighed(term, weight):
        return term * weight * ((plain + 1) / (term.abs() + 1e-12)).abs().detach() if adaptive else term * weight

    if gap is not None:
        total = total - weighed(gap().mean(), about["lambda1"])
    if norm is not None:
        total = total + weighed(norm(x).mean(), about["lambda2"])
    return total


def now():
    map = gradient(x).abs()
    return map, top(map)


def normalized():
    map, order = now()
    return gap_all(map / (map.sum(1, keepdim=True) + 1e-12), order)


objectives = {
    "plain": lambda: objective(),
    "r2et": lambda: objective(lambda: gap_all(*now()), along_signs),
    "mm": lambda: objective(lambda: gap_hardest(*now()), along_signs),
    "exact": lambda: objective(lambda: gap_all(*now()), frobenius),
    "eigen": lambda: objective(lambda: gap_all(*now()), eigenvalue),
    "difference": lambda: objective(lambda: gap_all(*now()), by_difference),
    "code": lambda: objective(lambda: -(-gaps_of_code(*now())).exp().mean(1), along_signs),
    "normalized": lambda: objective(normalized, along_signs),
    "adaptive": lambda: objective(lambda: gap_hardest(*now()), along_signs, True),
}

map0 = gradient(x).abs().detach()
order0 = top(map0)
attacks = {
    "er": lambda map: gap_all(map, order0),
    "hardest": lambda map: gap_hardest(map, order0, 4),
    "mse": lambda map: -(map - map0).square().mean(1),
    "code": lambda map: gaps_of_code(map, order0).mean(1),
}


def attack_loss(kind, x):
    return attacks[kind](gradient(x).abs())


def whole_attack():
    """Steps down the normalised slope within the ball; a point of another class steps back towards its own. The best point of the right class counts."""
    eps, steps = about["eps"], about["steps"]
    classes = predicted(classify(x))
    at, best, least = x.clone(), x.clone(), attack_loss("er", x).detach()
    for _ in range(steps + 1):
        at = at.detach().requires_grad_()
        logits = classify(at)
        kept = predicted(logits) == classes
        here = attack_loss("er", at)
        slope = torch.autograd.grad(torch.where(kept, here, -margin(logits, classes)).sum(), at)[0]
        better = kept & (here < least)
        best = torch.where(better[:, None], at.detach(), best)
        least = torch.where(better, here.detach(), least)
        offset = at.detach() - 2.5 * eps / steps * unit(slope) - x
        at = x + offset * (eps / (offset.norm(dim=1, keepdim=True) + 1e-12)).clamp(max=1)
    return best, least


results = {
    "gap all": gap_all(*now()),
    "gap hardest": gap_hardest(*now()),
    "gap code": -(-gaps_of_code(*now())).exp().mean(1),
    "norm along signs": along_signs(x),
    "norm by difference": by_difference(x),
    "norm of Frobenius": frobenius(x),
    "largest eigenvalue": eigenvalue(x),
    "saliency grad": gradient(x),
    "saliency gradInput": x * gradient(x),
    "saliency integratedGradients": integrated(x),
}
for of in quantities:
    results[f"saliency {of}"] = gradient(x, of).abs()
for name, build in objectives.items():
    value = build()
    results[f"objective {name}"] = value
    slopes = torch.autograd.grad(value, parameters, allow_unused=True)
    for i, slope in enumerate(slopes):
        kind = f"{'weight' if i % 2 == 0 else 'bias'}{i // 2}"
        results[f"gradient {name} {kind}"] = torch.zeros_like(parameters[i]) if slope is None else slope
for kind in attacks:
    at = beside.clone().requires_grad_()
    value = attack_loss(kind, at)
    results[f"attack {kind}"] = value
    results[f"slope {kind}"] = torch.autograd.grad(value.sum(), at)[0]
results["end of a whole attack"], results["loss of a whole attack"] = whole_attack()

save_file({name: value.detach().contiguous().clone() for name, value in results.items()}, work / "torch.safetensors")
print(json.dumps({"version": torch.__version__}))
