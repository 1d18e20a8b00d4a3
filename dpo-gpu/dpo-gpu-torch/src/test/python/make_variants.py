"""Makes src/test/resources/variants: small checkpoints of every family, and what transformers computes with them.

    python src/test/python/make_variants.py src/test/resources/variants

For each variant golden.json holds, in float64: log-probabilities of all tokens but the first of some sequences, and for
every parameter norm and sum of the gradient of sum_i sin(i) * log_prob_i, i counting scored tokens over all sequences.
Parameters have the names that they have in the checkpoint. No model has a padding id: transformers leaves its row of
the embedding out of the gradient even where it is a token of the text.
"""
import json
import math
import pathlib
import sys

import safetensors.torch
import torch
import transformers

LLAMA = dict(vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=64, initializer_range=0.4, rms_norm_eps=1e-5)
SHAPE = dict(vocab_size=40, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, initializer_range=0.25)


def scaled(kind, theta, **more):
    return dict(rope_type=kind, rope_theta=theta, **more)


LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
VARIANTS = {
    "untied_biases_sharded": dict(
        family="Llama", shard="4KB",
        config=dict(LLAMA, num_key_value_heads=1, head_dim=6, tie_word_embeddings=False, attention_bias=True,
                    mlp_bias=True)),
    "tied_linear_bf16": dict(
        family="Llama", dtype=torch.bfloat16,
        config=dict(LLAMA, num_key_value_heads=4, tie_word_embeddings=True,
                    rope_parameters=scaled("linear", 500.0, factor=4.0))),
    "untied_llama3_f16": dict(
        family="Llama", dtype=torch.float16,
        config=dict(LLAMA, num_key_value_heads=2, head_dim=8, tie_word_embeddings=False,
                    rope_parameters=scaled("llama3", 100.0, **LLAMA3))),
    "llama31": dict(
        family="Llama", config=dict(SHAPE, rope_parameters=scaled("llama3", 500000.0, **LLAMA3))),
    "mistral": dict(family="Mistral", config=dict(SHAPE, head_dim=12, sliding_window=7)),
    "mistral_full": dict(family="Mistral", config=dict(SHAPE, num_key_value_heads=1, sliding_window=None)),
    "qwen2": dict(
        family="Qwen2", shard="20KB",
        config=dict(SHAPE, tie_word_embeddings=True, rope_parameters=scaled("default", 1000000.0))),
    "qwen2_windows": dict(
        family="Qwen2", dtype=torch.bfloat16,
        config=dict(SHAPE, num_key_value_heads=4, use_sliding_window=True, sliding_window=5, max_window_layers=1)),
    "qwen3": dict(
        family="Qwen3",
        config=dict(SHAPE, head_dim=16, tie_word_embeddings=True, rope_parameters=scaled("default", 1000000.0))),
    "qwen3_biases": dict(family="Qwen3", config=dict(SHAPE, head_dim=6, attention_bias=True)),
    "smollm3": dict(
        family="SmolLM3",
        config=dict(SHAPE, num_hidden_layers=4, pad_token_id=None, bos_token_id=1, eos_token_id=2,
                    rope_parameters=scaled("default", 2000000.0))),
    "smollm3_listed": dict(
        family="SmolLM3",
        config=dict(SHAPE, no_rope_layers=[0, 1, 0], use_sliding_window=True, sliding_window=6, mlp_bias=True,
                    attention_bias=True, tie_word_embeddings=False, pad_token_id=None, bos_token_id=1, eos_token_id=2)),
    "gpt2": dict(
        family="GPT2", model="GPT2LMHeadModel",
        config=dict(vocab_size=40, n_embd=32, n_layer=3, n_head=4, n_positions=64, initializer_range=0.25)),
    "gpt2_old": dict(
        family="GPT2", model="GPT2LMHeadModel", old=True,
        config=dict(vocab_size=40, n_embd=24, n_layer=2, n_head=2, n_inner=40, n_positions=48, initializer_range=0.3,
                    scale_attn_by_inverse_layer_idx=True)),
    "neox": dict(
        family="GPTNeoX",
        config=dict(vocab_size=40, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=2,
                    max_position_embeddings=64, initializer_range=0.25,
                    rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25))),
    "neox_old": dict(
        family="GPTNeoX", old=True, dtype=torch.float16,
        config=dict(vocab_size=40, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
                    max_position_embeddings=64, initializer_range=0.25, use_parallel_residual=False,
                    attention_bias=False, hidden_act="gelu_new",
                    rope_parameters=dict(rope_type="default", rope_theta=500.0, partial_rotary_factor=0.5))),
    "gemma2": dict(
        family="Gemma2",
        config=dict(SHAPE, head_dim=10, query_pre_attn_scalar=24, sliding_window=6, pad_token_id=None,
                    attn_logit_softcapping=2.0, final_logit_softcapping=3.0)),
    "gemma3": dict(
        family="Gemma3", config_class="Gemma3TextConfig",
        config=dict(SHAPE, head_dim=10, query_pre_attn_scalar=24, sliding_window=6, pad_token_id=None,
                    layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                    rope_parameters=dict(full_attention=scaled("linear", 50000.0, factor=8.0),
                                         sliding_attention=scaled("default", 100.0)))),
}
SEQUENCES = [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5, 0, 28, 8],
             [3, 1, 4, 1, 5, 39, 38, 37], [11, 12, 13], [3, 1, 4, 1, 5, 9, 2, 6, 30, 31, 32, 33]]


def age(folder, family):
    """Makes a checkpoint look as those did that were published first."""
    file = folder / "model.safetensors"
    tensors = safetensors.torch.load_file(file)
    config = json.loads((folder / "config.json").read_text())
    if family == "GPT2":
        tensors = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
        tensors.update({f"h.{i}.attn.bias": torch.ones(1, 1, 4, 4).tril() for i in range(config["n_layer"])})
    else:
        rotary = config.pop("rope_parameters")
        config.update(rotary_emb_base=rotary["rope_theta"], rotary_pct=rotary["partial_rotary_factor"])
        for i in range(config["num_hidden_layers"]):
            tensors[f"gpt_neox.layers.{i}.attention.bias"] = torch.ones(1, 1, 4, 4).tril().bool()
            tensors[f"gpt_neox.layers.{i}.attention.masked_bias"] = torch.tensor(-1e9)
            tensors[f"gpt_neox.layers.{i}.attention.rotary_emb.inv_freq"] = torch.ones(2)
    safetensors.torch.save_file(tensors, file, {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2))


def in_checkpoint(name, family):
    return "embed_out.weight" if family == "GPTNeoX" and name == "lm_head.weight" else name


def make(folder, seed, family, config, model=None, config_class=None, dtype=torch.float32, shard="1GB", old=False):
    torch.manual_seed(seed)
    model_class = getattr(transformers, model or family + "ForCausalLM")
    model = model_class(getattr(transformers, config_class or family + "Config")(**config))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            centre = 0.0 if name.endswith("bias") or family.startswith("Gemma") else 1.0
            torch.nn.init.normal_(parameter, mean=centre, std=0.3)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    if old:
        age(folder, family)
    model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").double().eval()
    rows, total, count = [], 0.0, 0
    for ids in SEQUENCES:
        logits = model(torch.tensor([ids[:-1]])).logits[0]
        log_probs = logits.log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        weights = torch.tensor([math.sin(count + i) for i in range(len(log_probs))], dtype=torch.float64)
        total, count = total + (weights * log_probs).sum(), count + len(log_probs)
        rows.append([round(v, 9) for v in log_probs.tolist()])
    total.backward()
    gradients = {in_checkpoint(name, family): [p.grad.norm().item(), p.grad.sum().item()]
                 for name, p in model.named_parameters()}
    return {"log_probs": rows, "gradient_norm_and_sum": gradients}


target = pathlib.Path(sys.argv[1])
golden = {"source": f"transformers {transformers.__version__}, torch {torch.__version__}, float64",
          "sequences": SEQUENCES, "variants": {}}
for number, (name, variant) in enumerate(VARIANTS.items()):
    golden["variants"][name] = make(target / name, number, **variant)
(target / "golden.json").write_text(json.dumps(golden))
