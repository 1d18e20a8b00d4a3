"""Made-up model folders and the ids that transformers gives to texts with them.

python transformers.py SEED COUNT [FOLDERS] writes a JSON list of {files, texts, ids, special} to the standard output; ids
and special are absent where transformers does not load the folder. FOLDERS keeps the folders.
"""
import json
import os
import random
import sys
import tempfile

sys.path.pop(0)  # This file has the name of the library.
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

WORDS = ["the", "water", "Cycle", "is", "a", "moon", "é", "word"]
SPELLINGS = ["<|a|>", "<|b|>", "<|a|><|b|>", "<x>", "[PAD]", "</s>", "<s>", "moon", "water", "The", "eos", "\n\n", "  ",
             "É", "<|image|>", "a"]


def byte_level():
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {c: i for i, c in enumerate(alphabet)}
    merges = [("t", "h"), ("th", "e"), ("w", "a"), ("Ġ", "the"), ("m", "o"), ("o", "n"), ("mo", "on"), ("<", "s"),
              ("<s", ">")]
    for left, right in merges:
        vocab.setdefault(left + right, len(vocab))
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def word_level():
    vocab = {w: i for i, w in enumerate(["[UNK]", "[PAD]", "</s>"] + [w.lower() for w in WORDS] + ["<", ">", "|"])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def word_piece():
    pieces = ["[UNK]", "[PAD]", "<s>", "</s>", "the", "water", "##s", "cycle", "is", "moon", "a", "e", "##e", "<", ">", "|"]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def unigram():
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)]
    pieces += [("▁" + w, -2.0 - i / 8) for i, w in enumerate(WORDS)] + [(w, -3.0 - i / 8) for i, w in enumerate(WORDS)]
    pieces += [(c, -9.0) for c in "▁<>|abcdeghilmnorstuwxyz/"]
    pieces = list(dict(pieces).items())
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=random.choice(["always", "first", "never"]))
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def sentencepiece_bpe():
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + list("▁theawrmon<|>s/")
    merges = [("t", "h"), ("th", "e"), ("▁", "the"), ("m", "o"), ("o", "n"), ("mo", "on"), ("▁", "moon")]
    for left, right in merges:
        if left + right not in pieces:
            pieces.append(left + right)
    tokenizer = Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, merges, unk_token="<unk>", fuse_unk=True,
                                     byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return tokenizer


def flags(content):
    coin = lambda p: random.random() < p
    token = {"content": content, "single_word": coin(.15), "lstrip": coin(.2), "rstrip": coin(.2),
             "normalized": coin(.3), "special": coin(.5)}
    return token


def some(most):
    return random.sample(SPELLINGS, random.randint(0, most))


def reference(content):
    kind = random.random()
    return content if kind < .7 else {"__type": "AddedToken", **flags(content)}


def place(file, contents):
    """The ids that tokens get when they are added, or now and then others."""
    known = {t["content"]: t["id"] for t in file["added_tokens"]}
    vocab = file["model"]["vocab"]
    vocab = vocab if isinstance(vocab, dict) else {p[0]: i for i, p in enumerate(vocab)}
    free = max([len(vocab) - 1] + list(known.values())) + 1
    ids = {}
    for content in contents:
        if content in known or content in vocab:
            ids[content] = known.get(content, vocab.get(content))
        else:
            ids[content] = free
            free += 1
    if ids and random.random() < .05:
        ids[random.choice(list(ids))] += 1
    return ids


def folder():
    base = random.choice([byte_level, word_level, word_piece, unigram, sentencepiece_bpe])()
    file = json.loads(base.to_str())
    first = some(4)
    file["added_tokens"] = []
    ids = place(file, first)
    file["added_tokens"] = sorted(({"id": ids[c], **flags(c)} for c in first), key=lambda t: t["id"])
    if random.random() < .1:
        file["padding"] = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                           "pad_type_id": 0, "pad_token": "[PAD]"}
    config = {"tokenizer_class": random.choice(["TokenizersBackend", "PreTrainedTokenizerFast"])}
    for name in random.sample(["bos", "eos", "unk", "sep", "pad", "cls", "mask", "image"], random.randint(0, 4)):
        config[name + "_token"] = reference(random.choice(SPELLINGS)) if random.random() < .9 else None
    if random.random() < .4:
        config["additional_special_tokens"] = [reference(c) for c in some(3)]
    if random.random() < .3:
        more = some(3)
        config["extra_special_tokens"] = ({f"own_{i}": c for i, c in enumerate(more)} if random.random() < .4
                                          else [reference(c) for c in more])
    files = {"tokenizer.json": file, "tokenizer_config.json": config}
    if random.random() < .6:
        listed = first if random.random() < .3 else some(4)
        ids = place(file, listed)
        config["added_tokens_decoder"] = {str(ids[c]): flags(c) for c in listed}
        for token in config["added_tokens_decoder"].values():
            for flag in random.sample(["single_word", "lstrip", "rstrip", "normalized", "special"], random.randint(0, 3)):
                del token[flag]
    if random.random() < .3:
        files["special_tokens_map.json"] = {
            **{name + "_token": random.choice([c, flags(c)]) for name, c in zip(["eos", "pad", "bos"], some(3))},
            **({"additional_special_tokens": some(2)} if random.random() < .5 else {})}
    if random.random() < .2:
        listed = some(2)
        files["added_tokens.json"] = place(file, listed)
    return files


def text():
    parts = [random.choice([random.choice(WORDS), random.choice(SPELLINGS), " ", "  ", "\n", "s"]) for _ in
             range(random.randint(1, 12))]
    return random.choice(["", " "]).join(parts)


def case(where):
    files = folder()
    os.makedirs(where, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(where, name), "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False)
    with open(os.path.join(where, "config.json"), "w", encoding="utf-8") as out:
        json.dump({"model_type": "llama"}, out)
    texts = sorted({text() for _ in range(12)})
    result = {"files": files, "texts": texts}
    try:
        tokenizer = AutoTokenizer.from_pretrained(where)
        result["ids"] = [tokenizer.encode(t, add_special_tokens=False) for t in texts]
        added = [t.content for t in tokenizer.added_tokens_decoder.values() if t.special]
        result["special"] = {t: tokenizer.convert_tokens_to_ids(t)
                             for t in sorted(set(added + tokenizer.all_special_tokens)) if t}
    except Exception as e:  # noqa: BLE001
        result["error"] = f"{type(e).__name__}: {e}"[:200]
    return result


def main():
    random.seed(int(sys.argv[1]))
    folders = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
    cases = [case(os.path.join(folders, f"{i:04}")) for i in range(int(sys.argv[2]))]
    json.dump(cases, sys.stdout, ensure_ascii=False)


main()
