#!/usr/bin/env python3
"""Times `dpo train` against TRL on the same pairs and checkpoint, in turn (ours, TRL, ours, TRL, …), and prints the ratio of
pairs a second over the optimizer steps, of peak memory, and how far the losses agree.

    python3 -m venv peer && peer/bin/pip install torch==2.10.0 trl==1.16.0 transformers==5.23.0
    dpo-bench/peers/side_by_side.py --python peer/bin/python --model CHECKPOINT --pairs PAIRS.jsonl --limit 24

PAIRS.jsonl: {"prompt": [messages], "chosen": [message], "rejected": [message]} a line. Both train in float32, in file order,
with a constant learning rate and the same number of threads.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DPO = os.path.join(HERE, "..", "..", "dpo")


def ours(options, pairs, folder):
    config = os.path.join(folder, "ours.yaml")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({  # JSON is YAML
            "name": "ours", "backend": "torch", "threads": options.threads,
            "model": {"path": os.path.abspath(options.model)},
            "data": {"train": {"format": "conversational", "path": pairs}},
            "objective": {"preference": {"type": "sigmoid", "beta": options.beta}},
            "optimizer": {"learning_rate": options.learning_rate},
            "training": {"batch_size": options.batch_size, "order": "sequential", "save_model": False,
                         "checkpoint_every": 1000000},
        }, file)
    out = tempfile.mkdtemp(dir=folder)
    peak = run_measured([DPO, "train", config, "--out", out])[1]
    with open(os.path.join(out, "metrics.jsonl"), encoding="utf-8") as lines:
        steps = [json.loads(line) for line in lines]
    return {"seconds": sum(step["step_seconds"] for step in steps), "losses": [step["loss"] for step in steps],
            "peak_rss_gb": peak}


def trl(options, pairs, folder):
    command = [options.python, os.path.join(HERE, "trl_train.py"), "--model", options.model, "--pairs", pairs,
               "--batch-size", str(options.batch_size), "--beta", str(options.beta),
               "--learning-rate", str(options.learning_rate), "--threads", str(options.threads)]
    output = run_measured(command)[0]
    return json.loads(output.strip().splitlines()[-1])


def run_measured(command):
    """Runs a command; gives its standard output and its peak resident memory in GB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed with {process.returncode}: {' '.join(command)}")
    return output, usage.ru_maxrss / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="a Python with torch, transformers and trl")
    parser.add_argument("--model", required=True, help="checkpoint in Hugging Face layout")
    parser.add_argument("--pairs", required=True, help="preference pairs, conversational JSONL")
    parser.add_argument("--limit", type=int, default=24, help="first pairs of the file")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--learning-rate", type=float, default=1e-6)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pairs = os.path.join(folder, "pairs.jsonl")
        with open(options.pairs, encoding="utf-8") as source, open(pairs, "w", encoding="utf-8") as target:
            lines = [line for line in source if line.strip()][:options.limit]
            target.writelines(lines)
        results = {"ours": [], "trl": []}
        for turn in range(options.rounds):
            for name, system in (("ours", ours), ("trl", trl)):
                result = system(options, pairs, folder)
                results[name].append(result)
                print(f"{name:5s} {turn + 1}: {len(lines) / result['seconds']:.3f} pairs/s, "
                      f"peak {result['peak_rss_gb']:.2f} GB, load {os.getloadavg()[0]:.1f}", flush=True)
    rates = {name: [len(lines) / r["seconds"] for r in runs] for name, runs in results.items()}
    memory = {name: max(r["peak_rss_gb"] for r in runs) for name, runs in results.items()}
    apart = max(abs(a - b) / abs(b) for a, b in zip(results["ours"][0]["losses"], results["trl"][0]["losses"]))
    print(f"speed: {statistics.median(rates['ours']) / statistics.median(rates['trl']):.2f} × TRL (pairs/s, medians)")
    print(f"memory: {memory['ours'] / memory['trl']:.2f} of TRL's peak")
    print(f"losses: at most {apart:.1e} apart, relative")


if __name__ == "__main__":
    main()
