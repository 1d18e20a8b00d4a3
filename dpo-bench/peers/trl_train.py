#!/usr/bin/env python3
"""Trains with TRL's DPOTrainer on pairs in file order and prints one JSON line: seconds of the optimizer steps, losses, peak
memory. Called by side_by_side.py, in an environment with torch, transformers and trl."""
import argparse
import json
import resource
import tempfile
import time

import torch
from datasets import Dataset
from transformers import AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--pairs", required=True, help="JSONL with prompt, chosen and rejected as lists of messages")
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--beta", type=float, required=True)
parser.add_argument("--learning-rate", type=float, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
options = parser.parse_args()
torch.set_num_threads(options.threads)


class StepClock(TrainerCallback):
    """Seconds of each optimizer step."""

    def __init__(self):
        self.steps = []
        self.began = 0.0

    def on_step_begin(self, args, state, control, **kwargs):
        self.began = self.now()

    def on_step_end(self, args, state, control, **kwargs):
        self.steps.append(self.now() - self.began)

    @staticmethod
    def now():
        if options.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


with open(options.pairs, encoding="utf-8") as lines:
    rows = [json.loads(line) for line in lines]
clock = StepClock()
trainer = DPOTrainer(
    model=options.model,
    args=DPOConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=options.batch_size, num_train_epochs=1,
        learning_rate=options.learning_rate, lr_scheduler_type="constant", beta=options.beta, max_length=1024,
        bf16=False, use_cpu=options.device == "cpu", gradient_checkpointing=False, report_to=[], save_strategy="no",
        logging_steps=1, disable_tqdm=True, train_sampling_strategy="sequential"),
    train_dataset=Dataset.from_list(rows),
    processing_class=AutoTokenizer.from_pretrained(options.model),
    callbacks=[clock])
trainer.train()
print(json.dumps({
    "seconds": sum(clock.steps),
    "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
    "peak_rss_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
}))
