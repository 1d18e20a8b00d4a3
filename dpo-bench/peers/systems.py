"""The two systems: how each trains in a mode, and what a training tells."""
import glob
import json
import os
import tempfile
from dataclasses import dataclass, field

import measured

HERE = os.path.dirname(os.path.abspath(__file__))
DPO = os.path.join(HERE, "..", "..", "dpo")
BETAS = [0.05, 0.1, 0.2, 0.5, 1.0]
RANK, ALPHA = 16, 32
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Mode:
    """What is trained: the number format, an adapter in place of the model, one beta or a sweep of them."""
    about: str
    dtype: str = "float32"
    adapter: bool = False
    precompute: bool = False
    sweep: bool = False


MODES = {
    "float32": Mode("full fine-tuning; TRL runs the reference beside the policy, as it does by default"),
    "bfloat16": Mode("full fine-tuning; TRL with bf16=True, precompute_ref_log_probs=True", "bfloat16",
                     precompute=True),
    "lora": Mode("rank 16, all projections; TRL switches the adapter off for the reference", adapter=True),
    "lora-bfloat16": Mode("the same; TRL with bf16=True", "bfloat16", adapter=True),
    "sweep": Mode(f"float32 full fine-tuning at beta {', '.join(map(str, BETAS))}: whole processes", sweep=True),
}


@dataclass(frozen=True)
class Training:
    """One or several trainings by one system.

    setup_seconds  from opening the model to the first step, reference log-probs included where they are computed ahead
    step_seconds   of all optimizer steps together
    wall_seconds   of the whole process: interpreter, imports, tokenization and all
    losses         step by step, at the beta of the options
    """
    system: str
    pairs: int
    setup_seconds: float
    step_seconds: float
    wall_seconds: float
    peak_rss_gb: float
    load: tuple
    others: float | None
    losses: list
    versions: dict = field(default_factory=dict)

    def rates(self):
        """Pairs a second: over the steps, from opening the model on, and over the whole process."""
        return {"steps": self.pairs / self.step_seconds,
                "with_reference": self.pairs / (self.setup_seconds + self.step_seconds),
                "process": self.pairs / self.wall_seconds}


class Ours:
    """The command line of this repository."""

    name = "ours"

    def __init__(self, options, pairs_file, count, folder):
        self.options, self.pairs_file, self.count, self.folder = options, pairs_file, count, folder
        # Builds, where that is due, before anything is measured.
        self.version = measured.run([DPO, "--version"], os.path.join(folder, "version.log")).output.splitlines()

    def train(self, mode):
        out = tempfile.mkdtemp(dir=self.folder)
        process = measured.run([DPO, "sweep" if mode.sweep else "train", self.config(mode), "--out", out],
                               os.path.join(out, "stderr.log"))
        runs = [self.read(run) for run in sorted(glob.glob(os.path.join(out, "runs", "*")) if mode.sweep else [out])]
        return Training(
            self.name, len(runs) * self.count,
            sum(record["seconds"] - sum(line["step_seconds"] for line in steps) for record, steps in runs),
            sum(line["step_seconds"] for _, steps in runs for line in steps),
            process.wall_seconds, process.peak_rss_gb, process.load, process.others,
            next([line["loss"] for line in steps] for record, steps in runs
                 if record["settings"].get("objective.preference.beta", self.options.beta) == self.options.beta))

    def config(self, mode):
        """Writes the configuration of a mode; JSON is YAML."""
        model = {"path": os.path.abspath(self.options.model), "dtype": mode.dtype}
        if mode.adapter:
            model["adapter"] = {"type": "lora", "path": self.options.adapter}
        config = {
            "name": "ours", "backend": "torch", "device": self.options.device,
            "threads": self.options.threads, "model": model,
            "data": {"train": {"format": "conversational", "path": self.pairs_file}},
            "objective": {"preference": {"type": "sigmoid", "beta": self.options.beta}},
            "optimizer": {"learning_rate": self.options.learning_rate},
            "training": {"batch_size": self.options.batch_size, "order": "sequential", "save_model": False,
                         "checkpoint_every": 1000000},
        }
        if mode.sweep:
            config["sweep"] = {"objective.preference.beta": BETAS}
        path = os.path.join(self.folder, "ours.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return path

    @staticmethod
    def read(folder):
        """The record of a run, and its steps."""
        with open(os.path.join(folder, "run.json"), encoding="utf-8") as record, \
                open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as lines:
            return json.load(record), [json.loads(line) for line in lines]


class Trl:
    """TRL's DPOTrainer, with PEFT where an adapter is trained."""

    name = "TRL"

    def __init__(self, options, pairs_file, count, folder):
        self.options, self.pairs_file, self.count, self.folder = options, pairs_file, count, folder

    def train(self, mode):
        if not mode.sweep:
            return self.once(mode, self.options.beta)
        if self.options.all_five:
            return self.together([self.once(mode, beta) for beta in BETAS])
        return self.together([self.once(mode, self.options.beta)] * len(BETAS))

    def once(self, mode, beta):
        command = [self.options.python, os.path.join(HERE, "trl_train.py"),
                   "--model", self.options.model, "--pairs", self.pairs_file,
                   "--batch-size", str(self.options.batch_size), "--beta", str(beta),
                   "--learning-rate", str(self.options.learning_rate), "--threads", str(self.options.threads),
                   "--device", self.options.device]
        command += ["--bf16"] if mode.dtype == "bfloat16" else []
        command += ["--precompute"] if mode.precompute or self.options.precompute else []
        command += ["--adapter", self.options.adapter] if mode.adapter else []
        process = measured.run(command, os.path.join(self.folder, "trl.log"))
        told = json.loads(process.output.strip().splitlines()[-1])
        return Training(
            self.name, self.count, told["setup_seconds"], sum(told["step_seconds"]), process.wall_seconds,
            process.peak_rss_gb, process.load, process.others, told["losses"], told["versions"])

    def together(self, trainings):
        """One process after the other."""
        total = {key: sum(getattr(training, key) for training in trainings)
                 for key in ("pairs", "setup_seconds", "step_seconds", "wall_seconds")}
        others = [training.others for training in trainings]
        return Training(
            self.name, **total, peak_rss_gb=max(training.peak_rss_gb for training in trainings),
            load=(trainings[0].load[0], trainings[-1].load[1]),
            others=None if None in others else sum(others) / len(others),
            losses=trainings[BETAS.index(self.options.beta)].losses, versions=trainings[0].versions)


def write_adapter(options, folder):
    """The adapter with which both begin; gives its folder."""
    out = os.path.join(folder, "adapter")
    measured.run([options.python, os.path.join(HERE, "peft_adapter.py"), "--model", options.model, "--rank", str(RANK),
                  "--alpha", str(ALPHA), "--targets", *TARGETS, "--out", out], os.path.join(folder, "adapter.log"))
    return out
