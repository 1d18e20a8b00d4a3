"""Makes src/test/resources/variants: small Llama checkpoints of unlike shapes, and what transformers computes with them.

    python src/test/python/make_variants.py src/test/resources/variants

For each variant golden.json holds, in float64: log-probabilities of all tokens but the first of some sequences, and for
every parameter norm and sum of the gradient of sum_i sin(i) * log_prob_i, i counting scored tokens over all sequences.
"""
import json
import math
import pathlib
import sys

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

SHAPE = dict(vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=64, initializer_range=0.4, rms_norm_eps=1e-5)
VARIANTS = {
    "untied_biases_sharded": dict(
        config=dict(num_key_value_heads=1, head_dim=6, tie_word_embeddings=False, attention_bias=True, mlp_bias=True),
        dtype=torch.float32, shard="4KB"),
    "tied_linear_bf16": dict(
        config=dict(num_key_value_heads=4, tie_word_embeddings=True,
                    rope_parameters=dict(rope_type="linear", rope_theta=500.0, factor=4.0)),
        dtype=torch.bfloat16, shard="1GB"),
    "untied_llama3_f16": dict(
        config=dict(num_key_value_heads=2, head_dim=8, tie_word_embeddings=False,
                    rope_parameters=dict(rope_type="llama3", rope_theta=100.0, factor=8.0, low_freq_factor=1.0,
                                         high_freq_factor=4.0, original_max_position_embeddings=32)),
        dtype=torch.float16, shard="1GB"),
}
SEQUENCES = [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5, 0, 28, 8],
             [3, 1, 4, 1, 5, 39, 38, 37], [11, 12, 13], [3, 1, 4, 1, 5, 9, 2, 6, 30, 31, 32, 33]]


def make(folder, seed, config, dtype, shard):
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(**SHAPE, **config))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, mean=0.0 if name.endswith("bias") else 1.0, std=0.3)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").double().eval()
    rows, total, count = [], 0.0, 0
    for ids in SEQUENCES:
        logits = model(torch.tensor([ids[:-1]])).logits[0]
        log_probs = logits.log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        weights = torch.tensor([math.sin(count + i) for i in range(len(log_probs))], dtype=torch.float64)
        total, count = total + (weights * log_probs).sum(), count + len(log_probs)
        rows.append([round(v, 9) for v in log_probs.tolist()])
    total.backward()
    gradients = {name: [p.grad.norm().item(), p.grad.sum().item()] for name, p in model.named_parameters()}
    return {"log_probs": rows, "gradient_norm_and_sum": gradients}


target = pathlib.Path(sys.argv[1])
golden = {"source": f"transformers {transformers.__version__}, torch {torch.__version__}, float64",
          "sequences": SEQUENCES, "variants": {}}
for number, (name, variant) in enumerate(VARIANTS.items()):
    golden["variants"][name] = make(target / name, number, **variant)
(target / "golden.json").write_text(json.dumps(golden))
