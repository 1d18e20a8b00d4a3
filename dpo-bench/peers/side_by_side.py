#!/usr/bin/env python3
"""Times `dpo` against TRL on the same pairs and checkpoint, in turn (ours, TRL, ours, TRL, …), and prints for each mode
how many times TRL's pairs a second, what part of its peak memory, and how far the losses are apart.

    python3 -m venv peer && peer/bin/pip install torch==2.10.0 trl==1.16.0 transformers==5.23.0 peft==0.21.2
    dpo-bench/peers/side_by_side.py --python peer/bin/python --model CHECKPOINT --pairs PAIRS.jsonl --modes float32,lora

Both train in file order with a constant learning rate, the same number of threads and, where there is an adapter, the
same first one. No more than one of them runs at a time; a machine that does anything else meanwhile measures that, too,
so each line ends with the load averages before and after and what other processes took of the processors.

modes:
"""
import argparse
import json
import os
import statistics
import tempfile
from dataclasses import asdict

import pairs
import systems

COLUMNS = "{:14s} {:6s} {:>9s} {:>14s} {:>14s} {:>9s} {:>8s}"


def parsed():
    modes = "\n".join(f"  {name:14s} {mode.about}" for name, mode in systems.MODES.items())
    parser = argparse.ArgumentParser(description=__doc__ + modes, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="a Python with torch, transformers, trl and peft")
    parser.add_argument("--model", required=True, help="checkpoint in Hugging Face layout")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--pairs", help='JSONL of {"prompt": [messages], "chosen": [message], "rejected": [message]}')
    source.add_argument("--usable-hh", metavar="FILE.gz",
                        help="rows of HH-RLHF whose transcripts differ in the last assistant turn only")
    parser.add_argument("--modes", type=lambda text: text.split(","), default=["float32"],
                        help="separated by commas; default float32")
    parser.add_argument("--limit", type=int, default=24, help="first pairs of the file; default 24")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each; default 2")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each; default one a processor")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu",
                        help="of each; the peak memory is the host's in either case")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--learning-rate", type=float, default=1e-6)
    parser.add_argument("--precompute", action="store_true",
                        help="TRL's reference log-probs ahead of training in every mode")
    parser.add_argument("--all-five", action="store_true",
                        help="in the sweep, a TRL process for every beta; otherwise one, times five")
    parser.add_argument("--json", metavar="FILE", help="where to write every run and the summary")
    options = parser.parse_args()
    unknown = [mode for mode in options.modes if mode not in systems.MODES]
    if unknown:
        parser.error(f"--modes must be of {', '.join(systems.MODES)}, got {', '.join(unknown)}")
    if "sweep" in options.modes and options.beta not in systems.BETAS:
        parser.error(f"--beta must be one of the sweep's {systems.BETAS}, got {options.beta}")
    return options


def measure(options, folder):
    """All runs, by mode and system; says each as it ends."""
    taken = pairs.first_lines(options.pairs, options.limit) if options.pairs \
        else pairs.usable_hh(options.usable_hh, options.limit)
    pairs_file = os.path.join(folder, "pairs.jsonl")
    pairs.write(taken, pairs_file)
    both = [system(options, pairs_file, len(taken), folder) for system in (systems.Ours, systems.Trl)]
    print("\n".join(both[0].version), flush=True)
    if any(systems.MODES[mode].adapter for mode in options.modes):
        options.adapter = systems.write_adapter(options, folder)
    runs = {}
    for mode in options.modes:
        runs[mode] = {system.name: [] for system in both}
        for turn in range(options.rounds):
            for system in both:
                training = system.train(systems.MODES[mode])
                runs[mode][system.name].append(training)
                print(said(mode, turn, training), flush=True)
    return runs


def said(mode, turn, training):
    others = "" if training.others is None else f", others {training.others:.0%}"
    return (f"{mode} {turn + 1} {training.system}: {training.setup_seconds:.1f} s to the first step, "
            f"{training.step_seconds:.1f} s of steps, {training.wall_seconds:.1f} s in all, "
            f"{training.peak_rss_gb:.2f} GB; load {training.load[0]:.1f} and {training.load[1]:.1f}{others}")


def summary(runs):
    """Medians over the rounds, and ours in relation to TRL's."""
    rows = {system: {
        "pairs_per_second": {over: statistics.median(each.rates()[over] for each in trainings)
                             for over in trainings[0].rates()},
        "wall_seconds": statistics.median(each.wall_seconds for each in trainings),
        "peak_rss_gb": max(each.peak_rss_gb for each in trainings),
        "losses": trainings[0].losses,
    } for system, trainings in runs.items()}
    ours, trl = rows["ours"], rows["TRL"]
    return {**rows, "ratio": {
        "pairs_per_second": {over: rate / trl["pairs_per_second"][over]
                             for over, rate in ours["pairs_per_second"].items()},
        "wall_seconds": ours["wall_seconds"] / trl["wall_seconds"],
        "peak_rss_gb": ours["peak_rss_gb"] / trl["peak_rss_gb"],
        "largest_loss_difference": max(abs(a - b) for a, b in zip(ours["losses"], trl["losses"], strict=True)),
    }}


def table(summaries):
    lines = [COLUMNS.format("", "", "", "pairs/s, with", "pairs/s, whole", "wall", "peak"),
             COLUMNS.format("mode", "", "pairs/s", "the reference", "process", "s", "GB")]
    for mode, rows in summaries.items():
        for name in ("ours", "TRL", "ratio"):
            numbers = [*rows[name]["pairs_per_second"].values(), rows[name]["wall_seconds"], rows[name]["peak_rss_gb"]]
            lines.append(COLUMNS.format(mode, name, *(f"{number:.3f}" for number in numbers)))
    return "\n".join(lines)


def losses(mode, rows):
    of = {name: " ".join(f"{loss:.7f}" for loss in rows[name]["losses"]) for name in ("ours", "TRL")}
    return (f"losses of {mode}: at most {rows['ratio']['largest_loss_difference']:.1e} apart\n"
            f"  ours {of['ours']}\n  TRL  {of['TRL']}")


def main():
    options = parsed()
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(options, folder)
    summaries = {mode: summary(of_mode) for mode, of_mode in runs.items()}
    print("\n" + table(summaries))
    if "sweep" in runs:
        print("sweep: TRL's numbers are " + ("five processes'" if options.all_five else "one process's, times five"))
    print("\n" + "\n".join(losses(mode, rows) for mode, rows in summaries.items()))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"options": vars(options), "processors": os.cpu_count(), "summary": summaries, "runs": {
                mode: [asdict(each) for trainings in of_mode.values() for each in trainings]
                for mode, of_mode in runs.items()}}, file, indent=1)


if __name__ == "__main__":
    main()
