"""One step of RAMDA in eager PyTorch, as the paper has it: the subproblem by proximal gradient, with its stopping rule and its screening."""

import torch


class Ramda:
    """Group lasso over the input columns of every weight matrix; biases follow MADGRAD. One stage, whose momentum grows to 1."""

    def __init__(self, parameters, settings):
        self.settings = settings
        self.parameters = list(parameters)
        self.restart()

    @torch.no_grad()
    def restart(self):
        self.t, self.alpha = 0, 0.0
        self.leaves = [(w, w.clone(), torch.zeros_like(w), torch.zeros_like(w)) for w in self.parameters]

    def zero_grad(self):
        for w in self.parameters:
            w.grad = None

    @torch.no_grad()
    def step(self):
        s = self.settings
        self.t += 1
        weight = s["learningRate"] * self.t**0.5
        self.alpha += weight
        mix = min(s["momentum"] * self.t**0.5, 1)
        for w, anchor, linear, squares in self.leaves:
            linear.add_(w.grad, alpha=weight)
            squares.addcmul_(w.grad, w.grad, value=weight)
            diagonal = cube_root(squares).add_(s["epsilon"])
            if w.ndim == 2:
                threshold = self.alpha * s["lambda"] * w.shape[0] ** 0.5
                solution = proximal_gradient(w, anchor, linear, diagonal, threshold, s)
            else:
                solution = anchor - linear / diagonal
            w.lerp_(solution, mix)


def cube_root(u):
    """PyTorch has none of its own; u ≥ 0."""
    return u.pow(1 / 3)


def proximal_gradient(start, anchor, linear, diagonal, threshold, settings):
    """min over W of threshold · Σ ‖W_g‖ + ⟨linear, W⟩ + ½ ⟨W − anchor, diagonal (W − anchor)⟩, the groups being the columns."""
    solution = torch.zeros_like(start)
    # Safe screening: these columns are zero at the solution, and PG runs on the rest only.
    center = diagonal.double() * anchor.double() - linear.double()
    (active,) = torch.nonzero(torch.linalg.vector_norm(center, dim=0) > threshold, as_tuple=True)
    if len(active) == 0:
        return solution
    z, diagonal, center, anchor = (x.index_select(1, active) for x in (start, diagonal, center.float(), anchor))
    # Q(Z) = threshold · Σ ‖Z_g‖ + ⟨½ P Z − c, Z⟩ + ½ ⟨W₀, P W₀⟩, with c = P W₀ − V; summed in float64, for small differences count.
    half = 0.5 * diagonal
    constant = (half * anchor.square()).sum(dtype=torch.float64).item()

    def objective(z, norms):
        smooth = (z * torch.addcmul(center, half, z, value=-1)).sum(dtype=torch.float64)
        return constant + threshold * norms.sum(dtype=torch.float64).item() - smooth.item()

    theta = 1 / diagonal.amax(dim=0)
    decay = 1 - theta * diagonal
    shift = theta * center
    shrink = theta * threshold
    before = objective(z, torch.linalg.vector_norm(z, dim=0))
    for iteration in range(1, settings["maxIterations"] + 1):
        moved = torch.addcmul(shift, decay, z)
        norms = torch.linalg.vector_norm(moved, dim=0)
        factor = (1 - shrink / norms).clamp_(min=0)
        z = moved.mul_(factor)
        after = objective(z, norms * factor)
        if iteration >= settings["minIterations"] and (before - after) / (abs(after) + 1) < settings["rtol"]:
            break
        before = after
    return solution.index_copy_(1, active, z)
