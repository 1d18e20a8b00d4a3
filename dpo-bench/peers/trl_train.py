#!/usr/bin/env python3
"""Trains with TRL's DPOTrainer on pairs in file order and prints one JSON line: seconds from opening the model to the
first optimizer step, seconds of each step, losses, versions. Called by side_by_side.py, in an environment with torch,
transformers and trl, and peft for an adapter."""
import argparse
import json
import tempfile
import time
from importlib.metadata import version

import torch
from datasets import Dataset
from transformers import AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer

import pairs


class Clock(TrainerCallback):
    """Seconds of each optimizer step, and of what comes before the first."""

    def __init__(self):
        self.opened = now()
        self.setup = None
        self.steps = []

    def on_step_begin(self, args, state, control, **kwargs):
        self.began = now()
        if self.setup is None:
            self.setup = self.began - self.opened

    def on_step_end(self, args, state, control, **kwargs):
        self.steps.append(now() - self.began)


def now():
    """The time at which all that was asked of a GPU is done."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter()


def trainer(options, clock):
    """The trainer as its defaults have it, but for the flags, gradient checkpointing, which costs time, and logging."""
    return DPOTrainer(
        model=options.model,
        args=DPOConfig(
            output_dir=tempfile.mkdtemp(), per_device_train_batch_size=options.batch_size, num_train_epochs=1,
            learning_rate=options.learning_rate, lr_scheduler_type="constant", beta=options.beta, max_length=1024,
            bf16=options.bf16, precompute_ref_log_probs=options.precompute,
            use_cpu=options.device == "cpu", gradient_checkpointing=False, report_to=[], save_strategy="no",
            logging_steps=1, disable_tqdm=True, train_sampling_strategy="sequential"),
        train_dataset=Dataset.from_list(pairs.first_lines(options.pairs, None)),
        processing_class=AutoTokenizer.from_pretrained(options.model),
        peft_config=adapter_config(options.adapter) if options.adapter else None,
        callbacks=[clock])


def adapter_config(folder):
    from peft import LoraConfig
    config = LoraConfig.from_pretrained(folder)
    config.inference_mode = False
    return config


def load_adapter(model, folder):
    """Gives the adapter that the trainer has made the numbers of the one in the folder."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file
    set_peft_model_state_dict(model, load_file(f"{folder}/adapter_model.safetensors"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", required=True, help="JSONL with prompt, chosen and rejected as lists of messages")
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--beta", type=float, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--precompute", action="store_true", help="reference log-probs ahead of training")
    parser.add_argument("--adapter", help="PEFT folder of the adapter to begin with")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = Clock()
    training = trainer(options, clock)
    if options.adapter:
        load_adapter(training.model, options.adapter)
    training.train()
    print(json.dumps({
        "setup_seconds": clock.setup,
        "step_seconds": clock.steps,
        "losses": [entry["loss"] for entry in training.state.log_history if "loss" in entry],
        "versions": {name: version(name) for name in ("torch", "transformers", "trl", "peft")},
    }))


if __name__ == "__main__":
    main()
