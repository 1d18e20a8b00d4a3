#!/usr/bin/env python3
"""Writes the low-rank adapter with which both systems begin, in PEFT's format. Called by side_by_side.py, in an
environment with torch, transformers and peft."""
import argparse

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", required=True)
parser.add_argument("--rank", type=int, required=True)
parser.add_argument("--alpha", type=float, required=True)
parser.add_argument("--targets", nargs="+", required=True)
parser.add_argument("--out", required=True)
options = parser.parse_args()
torch.manual_seed(1)
config = LoraConfig(r=options.rank, lora_alpha=options.alpha, lora_dropout=0.0, target_modules=options.targets,
                    task_type="CAUSAL_LM")
get_peft_model(AutoModelForCausalLM.from_pretrained(options.model), config).save_pretrained(options.out)
