"""Recomputes the numbers of `dpo evaluate` from two outputs of `dpo logprobs`, in Python, and prints the differences.

    dpo logprobs --model POLICY    --data FILE --format FORMAT --batch-size 8 --out policy.jsonl
    dpo logprobs --model REFERENCE --data FILE --format FORMAT --batch-size 8 --out reference.jsonl
    dpo evaluate POLICY --reference REFERENCE --data FILE --format FORMAT --batch-size 8 --print json > numbers.json
    python evaluation.py policy.jsonl reference.jsonl numbers.json

For pairs and the objective {type: sigmoid, beta: 0.1}. Needs numpy, pandas, scipy and statsmodels. The script ends with
an error if a number differs by more than 1e-9.
"""

import json
import sys

import numpy
import pandas
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

BETA = 0.1


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def pairs(policy_file, reference_file):
    """One row per pair, with all that the numbers are computed from."""
    rows = []
    for policy, reference in zip(lines(policy_file), lines(reference_file), strict=True):
        assert policy["pair"] == reference["pair"]
        row = {"group": policy.get("group", "all"), "prompt": str(policy["prompt_ids"])}
        divergence = 0.0
        for side in ("chosen", "rejected"):
            ours = numpy.array(policy[side])
            theirs = numpy.array(reference[side])
            row["logps/" + side] = ours.sum()
            row["rewards/" + side] = BETA * (ours - theirs).sum()
            row["tokens/" + side] = len(ours)
            divergence += (numpy.exp(ours - theirs) - 1 - (ours - theirs)).sum()
        row["divergence"] = divergence
        rows.append(row)
    table = pandas.DataFrame(rows)
    margin = table["rewards/chosen"] - table["rewards/rejected"]
    probability = 1 / (1 + numpy.exp(-margin))
    table["rewards/margins"] = margin
    table["rewards/accuracies"] = (numpy.sign(margin) + 1) / 2
    table["rewards/ties"] = (margin == 0).astype(float)
    table["rewards/brier"] = (1 - probability) ** 2
    table["loss"] = -numpy.log(probability)
    table["confidence"] = numpy.maximum(probability, 1 - probability)
    table["chosen_log_prob_fell"] = (table["rewards/chosen"] < 0).astype(float)
    return table


def by_prompt(values, prompts):
    """The t interval of a mean, clustered by prompt: arXiv:2411.00640, eq. 4, with the factor C/(C-1) of CR1."""
    mean = values.mean()
    sums = (values - mean).groupby(prompts).sum()
    error = numpy.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(values)
    half = stats.t.ppf(0.975, len(sums) - 1) * error
    return mean - half, mean + half


def accuracy(table):
    right = table["rewards/accuracies"]
    if table["prompt"].nunique() == len(table):
        low, high = proportion_confint(right.sum(), len(table), method="wilson")
    else:
        low, high = by_prompt(right, table["prompt"])
    return right.mean(), max(0, low), min(1, high)


def numbers(table):
    """Metric → (value, low, high); low and high are None without an interval."""
    result = {}
    for metric in ("loss", "rewards/margins", "rewards/brier", "rewards/chosen", "rewards/rejected", "rewards/ties",
                   "logps/chosen", "logps/rejected", "tokens/chosen", "tokens/rejected", "chosen_log_prob_fell"):
        low, high = by_prompt(table[metric], table["prompt"])
        if metric in ("rewards/brier", "rewards/ties", "chosen_log_prob_fell"):
            low, high = max(0, low), min(1, high)
        result[metric] = (table[metric].mean(), low, high)
    result["rewards/accuracies"] = accuracy(table)

    difference = table["tokens/chosen"] - table["tokens/rejected"]
    longer, shorter = table[difference > 0], table[difference < 0]
    result["rewards/accuracies_chosen_longer"] = accuracy(longer)
    result["rewards/accuracies_chosen_shorter"] = accuracy(shorter)
    both = table[difference != 0]
    means = numpy.where(both["tokens/chosen"] > both["tokens/rejected"],
                        longer["rewards/accuracies"].mean(), shorter["rewards/accuracies"].mean())
    sizes = numpy.where(both["tokens/chosen"] > both["tokens/rejected"], len(longer), len(shorter))
    balanced = (longer["rewards/accuracies"].mean() + shorter["rewards/accuracies"].mean()) / 2
    linear = balanced + (both["rewards/accuracies"] - means) * len(both) / (2 * sizes)
    low, high = by_prompt(linear, both["prompt"])
    result["rewards/accuracies_length_balanced"] = (balanced, max(0, low), min(1, high))

    bins = numpy.minimum(9, ((table["confidence"] - 0.5) * 20).astype(int))
    off = (table["rewards/accuracies"] - table["confidence"]).groupby(bins).sum().abs().sum()
    noise = numpy.sqrt(2 / numpy.pi * (table["confidence"] * (1 - table["confidence"])).groupby(bins).sum()).sum()
    result["rewards/calibration_error"] = (off / len(table), None, None)
    result["rewards/calibration_error_floor"] = (noise / len(table), None, None)

    tokens = table["tokens/chosen"] + table["tokens/rejected"]
    ratio = table["divergence"].sum() / tokens.sum()
    linear = ratio + (table["divergence"] - ratio * tokens) * len(table) / tokens.sum()
    result["forward_kl_per_token"] = (ratio, *by_prompt(linear, table["prompt"]))
    return result


def main(policy_file, reference_file, numbers_file):
    table = pairs(policy_file, reference_file)
    with open(numbers_file, encoding="utf-8") as file:
        theirs = {(row["group"], row["metric"]): row for row in json.load(file)}
    worst = 0.0
    compared = 0
    groups = [None] + (sorted(table["group"].unique()) if table["group"].nunique() > 1 else [])
    for group in groups:
        part = table if group is None else table[table["group"] == group]
        for metric, (value, low, high) in numbers(part).items():
            row = theirs[group, metric]
            for name, ours in (("value", value), ("low", low), ("high", high)):
                if ours is None:
                    assert row[name] is None
                    continue
                off = abs(row[name] - ours) / max(1, abs(ours))
                compared += 1
                worst = max(worst, off)
                if not off <= 1e-9:
                    sys.exit(f"{group} {metric} {name}: {row[name]} and {ours} differ by {off}")
        whole = theirs[group, "rewards/accuracies"]
        print(f"{group or 'all'}: {len(part)} pairs, {part['prompt'].nunique()} prompts, accuracy "
              f"{whole['value']:.4f} [{whole['low']:.4f}, {whole['high']:.4f}] ({whole['interval']})")
    print(f"{compared} numbers, largest difference {worst:.2g}")


if __name__ == "__main__":
    main(*sys.argv[1:])
