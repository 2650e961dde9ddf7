"""Language models as transformers make, read and run them.

    make FOLDER            tiny checkpoints with random weights, a folder each, with their logits in expected.json
    fixtures FOLDER        those of the test suite, src/kits/lm/checkpoints/testing/transformers
    make-adapters FOLDER   adapters of some of them, made by PEFT, with their logits
    read-adapters FOLDER   the logits of adapters that PEFT reads, for the ids of ids.json
    read FOLDER            the logits of the checkpoints in a folder, for the ids of each one's ids.json
"""
import json
import sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file
from peft import IA3Config, LoraConfig, PeftModel, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
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


def texts_of(model, ids):
    """What greedy decoding adds, and beam search finds, with its scores."""
    settings = dict(do_sample=False, max_new_tokens=12, pad_token_id=V)
    prompt = torch.tensor([ids])
    model = model.float().eval()
    greedy = model.generate(prompt, **settings)[0, len(ids):].tolist()
    beams = model.generate(prompt, num_beams=4, num_return_sequences=4, length_penalty=0.7, return_dict_in_generate=True, output_scores=True, **settings)
    rows = [[id for id in row[len(ids):].tolist() if id != V] for row in beams.sequences]
    return dict(greedy=greedy, beams=[dict(ids=row, score=score) for row, score in zip(rows, beams.sequences_scores.tolist())])


def expect(model, place):
    # With dynamic scaling the angles of kept keys depend on when they were kept.
    texts = None if 'dynamic' in place.name else [texts_of(model, ids[:5]) for ids in IDS]
    (place / 'expected.json').write_text(json.dumps(dict(ids=IDS, texts=texts, logits=logits_of(model, IDS))))


def reloaded(place):
    return AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, attn_implementation='eager')


def fixtures(folder):
    """What `npm test` compares with: one checkpoint a family, small because in bfloat16, and its logits."""
    for name in ('llama', 'llama-llama3', 'mistral', 'gpt2-gelu', 'bigcode', 'bigcode-heads', 'codegen'):
        place = folder / name
        fresh(name, CASES[name]).to(torch.bfloat16).save_pretrained(place)
        logits = torch.tensor(logits_of(reloaded(place), IDS[:1]), dtype=torch.float64)
        save_file(dict(ids=torch.tensor(IDS[:1], dtype=torch.int32), logits=logits), place / 'expected.safetensors')
    for case, kind in (('bigcode-heads', 'dora'), ('bigcode-heads', 'ia3'), ('llama', 'lora-patterns'), ('llama', 'prefix'), ('gpt2-gelu', 'lora-biases')):
        place = folder.parent / 'peft' / f'{case}--{kind}'
        torch.manual_seed(0)
        model = get_peft_model(reloaded(folder / case), adapter_configs(case)[kind])
        stir_adapter(model, 7)
        model.save_pretrained(place)
        (place / 'README.md').unlink(missing_ok=True)
        config = json.loads((place / 'adapter_config.json').read_text())
        (place / 'adapter_config.json').write_text(json.dumps(dict(config, base_model_name_or_path=case), indent=2))
        logits = torch.tensor(adapted_logits(PeftModel.from_pretrained(reloaded(folder / case), place), IDS[:1]), dtype=torch.float64)
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


BASES = ('llama', 'gpt2-gelu', 'bigcode', 'bigcode-heads', 'codegen')


def adapter_configs(case):
    qkv = 'q_proj' if case == 'llama' else 'qkv_proj' if case == 'codegen' else 'c_attn'
    down = 'down_proj' if case == 'llama' else 'fc_out' if case == 'codegen' else 'mlp.c_proj'
    first = 'model.layers.0.self_attn.q_proj' if case == 'llama' else f'transformer.h.0.attn.{qkv}'
    common = dict(task_type='CAUSAL_LM', fan_in_fan_out=case.startswith('gpt2'))
    prompt = dict(task_type='CAUSAL_LM', num_virtual_tokens=3)
    lora = dict(common, r=4, lora_alpha=6, target_modules=[qkv, down])
    return {
        'lora': LoraConfig(**lora),
        'lora-patterns': LoraConfig(**lora, rank_pattern={first: 2}, alpha_pattern={down: 5}, use_rslora=True),
        'lora-biases': LoraConfig(**lora, bias='lora_only', modules_to_save=['norm' if case == 'llama' else 'ln_f']),
        'lora-expression': LoraConfig(**{**lora, 'target_modules': rf'.*\.1\..*{qkv}'}),
        'lora-layers': LoraConfig(**lora, layers_to_transform=[1]),
        'lora-embedding': LoraConfig(**{**lora, 'target_modules': [qkv, 'embed_tokens' if case == 'llama' else 'wte']}),
        'dora': LoraConfig(**lora, use_dora=True),
        'ia3': IA3Config(**common, target_modules=[qkv, down], feedforward_modules=[down]),
        'prompt': PromptTuningConfig(**prompt),
        'p-tuning': PromptEncoderConfig(**prompt, encoder_hidden_size=16),
        'prefix': PrefixTuningConfig(**prompt),
    }


def stir_adapter(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            if value.requires_grad:
                factor = 'ia3_' in name or 'magnitude' in name or '.weight' in name and ('norm' in name or 'ln_f' in name)
                value.copy_((value if factor else 0) + torch.randn(value.shape, generator=generator) * 0.3)


def adapted_logits(model, ids):
    virtual = model.active_peft_config.num_virtual_tokens if model.active_peft_config.peft_type in ('PROMPT_TUNING', 'P_TUNING') else 0
    with torch.no_grad():
        return model.double().eval()(input_ids=torch.tensor(ids)).logits[:, virtual:].tolist()


def make_adapters(folder):
    skipped = {}
    for case in BASES:
        fresh(case, CASES[case]).save_pretrained(folder / case)
        for kind, config in adapter_configs(case).items():
            place = folder / f'{case}--{kind}'
            try:
                torch.manual_seed(0)
                model = get_peft_model(reloaded(folder / case), config)
                stir_adapter(model, 7)
                model.save_pretrained(place)
                # What PEFT reads again is what the file says: networks that made a prompt are gone.
                again = PeftModel.from_pretrained(reloaded(folder / case), place)
                (place / 'expected.json').write_text(json.dumps(dict(ids=IDS, logits=adapted_logits(again, IDS))))
            except Exception as error:
                skipped[f'{case}--{kind}'] = f'{type(error).__name__}: {error}'
    return dict(version=peft.__version__, skipped=skipped)


def read_adapters(folder):
    found = {}
    for place in sorted(folder.glob('*--*')):
        try:
            model = PeftModel.from_pretrained(reloaded(folder / place.name.split('--')[0]), place)
            found[place.name] = adapted_logits(model, json.loads((place / 'ids.json').read_text()))
        except Exception as error:
            found[place.name] = f'{type(error).__name__}: {error}'
    return found


if __name__ == '__main__':
    command, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    result = {'make': make, 'fixtures': fixtures, 'read': read, 'make-adapters': make_adapters, 'read-adapters': read_adapters}[command](folder)
    print(json.dumps(dict(result, version=transformers.__version__) if command == 'make' else result))
