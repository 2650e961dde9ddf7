"""Tokenizers of every kind that Quire reads, made and trained by Hugging Face's tokenizers, and what they make of texts.

Reads FOLDER/texts.json, a list of texts, and FOLDER/vocabulary, a folder with GPT-2's vocab.json and merges.txt, if there is one. Writes
FOLDER/NAME.json, a tokenizer.json, and FOLDER/NAME.answers.json: ids of each text as it is, with the template, and their decoded texts. The second
argument is the size of the vocabularies; or else names, of tokenizers that are in the folder already and are asked alone.
"""

import json
import sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
O200K = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
# Other parts of the syntax: classes within and in common, names, anchors, atomic groups, counts, options.
SYNTAX = [
    r"[[:alpha:]&&[^aeiou]]+|[[:digit:][:punct:]]",
    r"(?>\w+)\b|\h{2}+|\R",
    r"^\s*|[[:upper:]]\p{Lower}*?(?=\S)|(?<=[.,])\s",
    r"(?i)straße|STRASSE|[k-s]+|\p{Han}{,2}|\p{^L}\P{M}",
    r"\A.|.\z|$|(?m:a.b)|\x41|\u00e9|\x{1F30D}|[\]\-a^]",
    r"(?:[^\S\n]|\d)*+x?|(?:ab?)+?c{1,2}?|[]a]",
]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def train(tokenizer, texts, size, special=(), **options):
    trainer = BpeTrainer(vocab_size=size, show_progress=False, special_tokens=list(special), **options)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def byte_level(texts, size, pre, special=("<|endoftext|>",), **model):
    tokenizer = Tokenizer(BPE(**model))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    return train(tokenizer, texts, size, special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())


def split_bytes(*patterns):
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def begun(tokenizer, token):
    ids = [(token, tokenizer.token_to_id(token))]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{token} $A", pair=f"{token} $A {token} $B", special_tokens=ids)
    return tokenizer


def llama2(texts, size):
    """SentencePiece's way: no cut at all, spaces as characters, and bytes where a character has no token."""
    alphabet = sorted({character for text in texts[::7] for character in text if ord(character) < 0x250})
    pieces = [piece for text in texts for piece in ("▁" + text.replace(" ", "▁")).replace("▁", "\n▁").split("\n")]
    trained = train(Tokenizer(BPE()), pieces, size - 259, limit_alphabet=min(len(alphabet), 90))
    learnt = json.loads(trained.to_str())["model"]
    order = ["<unk>", "<s>", "</s>", *BYTES, *sorted(learnt["vocab"], key=learnt["vocab"].get)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(order))}
    merges = [tuple(pair) for pair in learnt["merges"]]
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    strip = decoders.Strip(" ", 1, 0)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), strip])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    return begun(tokenizer, "<s>")


def llama3(texts, size):
    tokenizer = byte_level(texts, size, split_bytes(LLAMA3), ("<|begin_of_text|>", "<|eot_id|>"), ignore_merges=True)
    begun(tokenizer, "<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), tokenizer.post_processor])
    return tokenizer


def metaspace(texts, size, scheme, split=True):
    tokenizer = Tokenizer(BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    train(tokenizer, texts if split else [text[:200] for text in texts], size, ["<unk>"], limit_alphabet=200)
    tokenizer.add_tokens([AddedToken("return", lstrip=True, single_word=True), AddedToken("def", rstrip=True, normalized=False), "der", "derived"])
    return tokenizer


def words(texts, size, normalizer, pre, **model):
    tokenizer = Tokenizer(BPE(unk_token="[UNK]", **model))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    options = {name: model[name] for name in ("continuing_subword_prefix", "end_of_word_suffix") if name in model}
    train(tokenizer, texts, size, ["[UNK]", "[SEP]"], limit_alphabet=300, **options)
    tokenizer.add_tokens([AddedToken("The", normalized=True), AddedToken("Éa", normalized=True, single_word=True)])
    separator = [("[SEP]", tokenizer.token_to_id("[SEP]"))]
    tokenizer.post_processor = processors.TemplateProcessing(single="$A [SEP]", pair="$A [SEP] $B [SEP]", special_tokens=separator)
    return tokenizer


def zoo(texts, size):
    split = pre_tokenizers.Split
    whole = pre_tokenizers.Sequence
    byte = pre_tokenizers.ByteLevel
    yield "starcoder", byte_level(texts, size, whole([pre_tokenizers.Digits(individual_digits=True), byte(add_prefix_space=False)]))
    yield "llama2", llama2(texts, size)
    yield "llama3", llama3(texts, size)
    yield "cl100k", byte_level(texts, size, split_bytes(CL100K))
    yield "o200k", byte_level(texts, size, split_bytes(O200K))
    yield "deepseek", byte_level(texts, size, split_bytes(*DEEPSEEK))
    yield "prefix space", byte_level(texts, size, byte(add_prefix_space=True))
    yield "digits", byte_level(texts, size, whole([pre_tokenizers.Digits(), byte(add_prefix_space=True)]))
    for scheme in ("always", "first", "never"):
        yield f"metaspace {scheme}", metaspace(texts, size, scheme)
    yield "metaspace whole", metaspace(texts, size, "first", split=False)
    yield "words", words(texts, size, normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip()]), pre_tokenizers.Whitespace(), fuse_unk=True)
    yield "parts of words", words(texts, size, normalizers.NFD(), pre_tokenizers.WhitespaceSplit(), continuing_subword_prefix="##")
    yield "ends of words", words(texts, size, normalizers.NFC(), whole([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous")]), end_of_word_suffix="</w>")
    replaced = normalizers.Sequence([normalizers.NFKD(), normalizers.Replace(Regex(r"(?i)t(?=h)|\s{2,}"), "$1"), normalizers.Strip(left=False)])
    yield "replaced", words(texts, size, replaced, whole([pre_tokenizers.Punctuation(), pre_tokenizers.Metaspace(prepend_scheme="always")]))
    for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
        for invert in (False, True):
            pattern = Regex(r"[\s.]|der") if invert else " "
            yield f"{behavior} {invert}", byte_level(texts, size, whole([split(pattern, behavior, invert), byte(add_prefix_space=False, use_regex=False)]))
    for i, pattern in enumerate(SYNTAX):
        for behavior in ("isolated", "removed"):
            yield f"syntax {i} {behavior}", byte_level(texts, size, whole([split(Regex(pattern), behavior), byte(add_prefix_space=False, use_regex=False)]))


def answers(tokenizer, texts):
    plain = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    framed = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    return {
        "plain": plain,
        "framed": framed,
        "decoded": tokenizer.decode_batch(framed, skip_special_tokens=False),
        "skipped": tokenizer.decode_batch(framed, skip_special_tokens=True),
    }


def made(folder, texts, size):
    zoo_of = dict(zoo(texts, size))
    vocabulary = folder / "vocabulary"
    if vocabulary.is_dir():
        gpt2 = Tokenizer(BPE.from_file(str(vocabulary / "vocab.json"), str(vocabulary / "merges.txt")))
        gpt2.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        gpt2.decoder = decoders.ByteLevel()
        gpt2.add_special_tokens(["<|endoftext|>"])
        zoo_of["gpt2"] = gpt2
    for name, tokenizer in zoo_of.items():
        tokenizer.save(str(folder / f"{name}.json"), pretty=False)
    return zoo_of


def main(folder, *arguments):
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    if arguments[0].isdigit():
        asked = made(folder, texts, int(arguments[0]))
    else:
        asked = {name: Tokenizer.from_file(str(folder / f"{name}.json")) for name in arguments}
    for name, tokenizer in asked.items():
        (folder / f"{name}.answers.json").write_text(json.dumps(answers(tokenizer, texts)), encoding="utf-8")
    print(json.dumps({"version": tokenizers.__version__, "names": list(asked)}))


main(Path(sys.argv[1]), *sys.argv[2:])
