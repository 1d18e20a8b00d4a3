"""Preference pairs as files of {"prompt": [messages], "chosen": [message], "rejected": [message]} a line."""
import gzip
import itertools
import json
import re

HEADER = re.compile(r"\n\n(Human|Assistant): ")
ROLES = {"Human": "user", "Assistant": "assistant"}


def first_lines(source, limit):
    """The first lines of a file of pairs."""
    with open(source, encoding="utf-8") as lines:
        return [json.loads(line) for line in itertools.islice(filter(str.strip, lines), limit)]


def usable_hh(source, limit):
    """The first pairs of HH-RLHF (arXiv:2204.05862) whose transcripts differ in the last assistant turn only."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        return list(itertools.islice(filter(None, (usable(json.loads(line)) for line in lines)), limit))


def usable(row):
    """The pair of two transcripts, or None where they differ before the end or end with the human."""
    chosen, rejected = turns(row["chosen"]), turns(row["rejected"])
    if chosen[:-1] != rejected[:-1] or not chosen[-1]["role"] == rejected[-1]["role"] == "assistant":
        return None
    return {"prompt": chosen[:-1], "chosen": chosen[-1:], "rejected": rejected[-1:]}


def turns(transcript):
    """The messages of a transcript; whatever stands before the first header is none."""
    _, *parts = HEADER.split(transcript)
    return [{"role": ROLES[who], "content": text.strip()} for who, text in zip(parts[::2], parts[1::2])]


def write(pairs, target):
    with open(target, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
