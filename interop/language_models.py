"""Language models as transformers make, read and run them.

    make FOLDER            tiny checkpoints with random weights, a folder each, with their logits in expected.json
    fixtures FOLDER        those of the test suite, src/kits/lm/checkpoints/testing/transformers
    read FOLDER            the logits of the checkpoints in a folder, for the ids of each one's ids.json
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, CodeGenConfig, GPT2Config, GPTBigCodeConfig, LlamaConfig, MistralConfig, Qwen2Config

transformers.logging.set_verbosity_error()

V = 48
llama = dict(vocab_size=V, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, bos_token_id=1, eos_token_id=2)
gpt = dict(vocab_size=V, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2)


def rope(kind, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=10000.0, **more))


CASES = {
    'llama': LlamaConfig(**llama),
    'llama-tied-biases': LlamaConfig(**{**llama, 'num_key_value_heads': 1, 'head_dim': 12}, tie_word_embeddings=True, attention_bias=True, mlp_bias=True,
                                     rope_theta=1000000.0),
    'llama-linear': LlamaConfig(**llama, **rope('linear', factor=4.0)),
    'llama-dynamic': LlamaConfig(**{**llama, 'max_position_embeddings': 8}, **rope('dynamic', factor=2.0)),
    'llama-llama3': LlamaConfig(**llama, **rope('llama3', factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                original_max_position_embeddings=32)),
    'mistral': MistralConfig(**llama, sliding_window=4),
    'qwen2': Qwen2Config(**llama),
    'qwen2-window': Qwen2Config(**llama, use_sliding_window=True, sliding_window=3, max_window_layers=0),
    'gpt2': GPT2Config(**gpt),
    'gpt2-gelu': GPT2Config(**gpt, activation_function='gelu', scale_attn_weights=False, n_inner=24),
    'bigcode': GPTBigCodeConfig(**gpt),
    'bigcode-heads': GPTBigCodeConfig(**gpt, multi_query=False, activation_function='gelu'),
    'codegen': CodeGenConfig(**gpt, rotary_dim=4),
}

IDS = [[(7 * i * i + 3 * i + 5) % V for i in range(12)], [(11 * i + 1) % V for i in range(12)]]


def stir(model, seed):
    """Weights large enough that every part of a model matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(dict(model.named_parameters()).items()):
            noise = torch.randn(value.shape, generator=generator)
            matrix = value.ndim > 1
            value.copy_(noise * 0.25 if matrix else (1 if 'norm' in name or 'ln_' in name else 0) * ('weight' in name) + noise * 0.1)


def logits_of(model, ids):
    """In float64, as far as transformers compute in it."""
    with torch.no_grad():
        return model.double().eval()(torch.tensor(ids)).logits.tolist()


def fresh(name, config):
    config._attn_implementation = 'eager'
    model = AutoModelForCausalLM.from_config(config)
    stir(model, 1 + sorted(CASES).index(name))
    if config.tie_word_embeddings:
        model.tie_weights()
    return model


def expect(model, place):
    (place / 'expected.json').write_text(json.dumps(dict(ids=IDS, logits=logits_of(model, IDS))))


def reloaded(place):
    return AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, attn_implementation='eager')


def fixtures(folder):
    """What `npm test` compares with: one checkpoint a family, small because in bfloat16, and its logits."""
    for name in ('llama', 'llama-llama3', 'mistral', 'gpt2-gelu', 'bigcode', 'bigcode-heads', 'codegen'):
        place = folder / name
        fresh(name, CASES[name]).to(torch.bfloat16).save_pretrained(place)
        logits = torch.tensor(logits_of(reloaded(place), IDS[:1]), dtype=torch.float64)
        save_file(dict(ids=torch.tensor(IDS[:1], dtype=torch.int32), logits=logits), place / 'expected.safetensors')
    return dict(made=str(folder))


def make(folder):
    for name, config in CASES.items():
        model = fresh(name, config)
        model.save_pretrained(folder / name)
        expect(model, folder / name)
    sharded = fresh('llama', CASES['llama'])
    sharded.save_pretrained(folder / 'llama-sharded', max_shard_size='20KB')
    expect(sharded, folder / 'llama-sharded')
    fresh('llama', CASES['llama']).to(torch.bfloat16).save_pretrained(folder / 'llama-bfloat16')
    expect(reloaded(folder / 'llama-bfloat16'), folder / 'llama-bfloat16')
    return dict(cases=sorted(path.name for path in folder.iterdir() if path.is_dir()))


def read(folder):
    found = {}
    for path in sorted(folder.iterdir()):
        if not (path / 'config.json').exists():
            continue
        model, info = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation='eager', output_loading_info=True)
        keys = [*info['missing_keys'], *info['unexpected_keys'], *info['mismatched_keys']]
        ids = json.loads((path / 'ids.json').read_text())
        found[path.name] = dict(logits=logits_of(model, ids), keys=[str(key) for key in keys])
    return found


if __name__ == '__main__':
    command, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    result = dict(make=make, fixtures=fixtures, read=read)[command](folder)
    print(json.dumps(dict(result, version=transformers.__version__) if command == 'make' else result))
