"""PyTorch and transformers, eager. `form` says how: the library's generate(), or a loop over the model's forward pass, which is faster."""
import json
import resource
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.set_flush_denormal(True)
transformers.logging.set_verbosity_error()
model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32, attn_implementation="sdpa")


def token(row, k):
    return (row * 31 + k * 17 + (k * k) % 13) % 256


def median(values):
    return sorted(values)[len(values) // 2]


def times_of(run, seconds, fewest=3):
    times, begin = [], time.perf_counter()
    while len(times) < fewest or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


def report(**result):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps({**result, "peakRssMb": peak, "versions": versions}))


def generation():
    model.eval()
    prompts = torch.tensor([[token(row, k) for k in range(job["prompt"])] for row in range(job["batch"])])

    def by_library(tokens):
        mask = torch.ones_like(prompts)
        out = model.generate(prompts, attention_mask=mask, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, pad_token_id=0)
        return out[:, prompts.shape[1] :]

    def by_loop(tokens):
        out, ids, past = [], prompts, None
        for _ in range(tokens):
            result = model(input_ids=ids, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, ids = result.past_key_values, result.logits[:, -1].argmax(-1, keepdim=True)
            out.append(ids)
        return torch.cat(out, 1)

    generate = by_library if job["form"] == "generate" else by_loop
    with torch.inference_mode():
        rows = generate(job["tokens"]).tolist()
        generate(1)
        first = times_of(lambda: generate(1), job["seconds"] / 2)
        whole = times_of(lambda: generate(job["tokens"]), job["seconds"] / 2)
    report(prefillMs=first, stepMs=(whole - first) / (job["tokens"] - 1), rows=rows)


def training():
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step(k):
        rows = torch.tensor([[token(row + k * job["batch"], i) for i in range(job["length"] + 1)] for row in range(job["batch"])])
        logits = model(input_ids=rows[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    losses = [step(k) for k in range(job["compared"])]
    report(stepMs=times_of(lambda: step(job["compared"]), job["seconds"], 5), losses=losses)


generation() if job["kind"] == "generate" else training()
