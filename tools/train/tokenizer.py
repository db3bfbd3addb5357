"""Byte-level BPE: trains, encodes, decodes, and writes a tokenizer.json that Hugging Face's tokenizers read.
Words, runs of punctuation and white space are separate; every digit stands alone, so that numbers are copied digit by digit."""
import collections
import json
import re

SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
PATTERN = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
PATTERN_IN_FILE = r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def byte_characters():
    """Each byte as one printable character: itself where it is printable, else one from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


BYTES = byte_characters()


def train(text, vocabulary):
    """Returns (token -> id, merges). Ties go to the greater pair, so the result is the same everywhere."""
    counts = collections.Counter(PATTERN.findall(text))
    words = [[BYTES[b] for b in word.encode()] for word in counts]
    frequency = list(counts.values())
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pairs[pair] += frequency[i]
            where[pair].add(i)
    merges = []
    while len(merges) < vocabulary - 256 - len(SPECIAL):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if pairs[best] < 2:
            break
        merges.append(best)
        for i in list(where[best]):
            for pair in zip(words[i], words[i][1:]):
                pairs[pair] -= frequency[i]
            words[i] = merged(words[i], best)
            for pair in zip(words[i], words[i][1:]):
                pairs[pair] += frequency[i]
                where[pair].add(i)
        pairs.pop(best, None)
    tokens = SPECIAL + [BYTES[b] for b in range(256)] + [a + b for a, b in merges]
    return {token: i for i, token in enumerate(tokens)}, merges


def merged(word, pair):
    out, i = [], 0
    while i < len(word):
        joined = i < len(word) - 1 and (word[i], word[i + 1]) == pair
        out.append(word[i] + word[i + 1] if joined else word[i])
        i += 2 if joined else 1
    return out


def save(vocabulary, merges, path):
    added = [dict(id=i, content=token, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for i, token in enumerate(SPECIAL)]
    split = dict(type='Split', pattern=dict(Regex=PATTERN_IN_FILE), behavior='Isolated', invert=False)
    level = dict(type='ByteLevel', add_prefix_space=False, trim_offsets=True, use_regex=False)
    model = dict(type='BPE', dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
                 byte_fallback=False, ignore_merges=False, vocab=vocabulary, merges=[list(m) for m in merges])
    with open(path, 'w') as file:
        json.dump(dict(version='1.0', truncation=None, padding=None, added_tokens=added, normalizer=None,
                       pre_tokenizer=dict(type='Sequence', pretokenizers=[split, level]), post_processor=None,
                       decoder=dict(type='ByteLevel', add_prefix_space=True, trim_offsets=True, use_regex=True), model=model), file, ensure_ascii=False)


class Tokenizer:
    def __init__(self, path):
        model = json.load(open(path))['model']
        self.ids = model['vocab']
        self.tokens = {i: token for token, i in self.ids.items()}
        self.rank = {tuple(merge): i for i, merge in enumerate(model['merges'])}
        self.bytes = {character: b for b, character in BYTES.items()}
        self.split = re.compile('(' + '|'.join(map(re.escape, SPECIAL)) + ')')
        self.cache = {}

    def encode(self, text):
        """Token ids; the special tokens are recognised in the text."""
        out = []
        for part in self.split.split(text):
            if part in SPECIAL:
                out.append(self.ids[part])
            else:
                for word in PATTERN.findall(part):
                    out += self._word(word)
        return out

    def decode(self, ids):
        parts = (self.tokens[i] for i in ids)
        return b''.join(p.encode() if p in SPECIAL else bytes(self.bytes[c] for c in p) for p in parts).decode(errors='replace')

    def _word(self, word):
        if word not in self.cache:
            parts = [BYTES[b] for b in word.encode()]
            while len(parts) > 1:
                at = min(range(len(parts) - 1), key=lambda i: self.rank.get((parts[i], parts[i + 1]), 1 << 30))
                if (parts[at], parts[at + 1]) not in self.rank:
                    break
                parts[at:at + 2] = [parts[at] + parts[at + 1]]
            if len(self.cache) > 500_000:
                self.cache.clear()
            self.cache[word] = [self.ids[p] for p in parts]
        return self.cache[word]
