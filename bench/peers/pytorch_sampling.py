"""DDIM (Song et al. 2021) without noise; ε is that of the clipped estimate."""

import torch


def sampler(model, sampling):
    steps, chain = sampling["steps"], sampling["chain"]
    kept = torch.cumprod(1 - torch.linspace(*sampling["betas"], chain, dtype=torch.float64), 0)
    times = [chain - 1 - i * chain // steps for i in range(steps)]
    levels = [(float(kept[t]) ** 0.5, float(1 - kept[t]) ** 0.5) for t in times] + [(1.0, 0.0)]

    @torch.inference_mode()
    def sample(x):
        for i, t in enumerate(times):
            (signal, noise), (next_signal, next_noise) = levels[i], levels[i + 1]
            eps = model(x, torch.full((len(x),), float(t)))
            clean = ((x - noise * eps) / signal).clamp(-1, 1)
            eps = (x - signal * clean) / noise
            x = next_signal * clean + next_noise * eps
        return x.square().mean().item()

    return sample
