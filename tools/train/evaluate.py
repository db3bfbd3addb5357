"""python3 evaluate.py WORK [N]: exact answers at short contexts, on held-out prose and unseen facts, greedy. Two columns: dense attention, and the attention
of a retrieving policy (exact window 128, everything before it un-rotated at one constant distance)."""
import json
import random
import sys

import numpy as np
import torch

import tokenizer as bpe
from facts import Facts
from model import Memory, Model

CASES = ((80, 2), (128, 4), (256, 6), (448, 8), (1000, 8), (1000, 24), (2000, 12))
END = 2


@torch.no_grad()
def generate(model, tokenizer, ids, new_tokens, remembering):
    new = []
    for _ in range(new_tokens):
        memory = Memory(window=128, distance=512) if remembering else None
        known = torch.tensor([ids + new])
        new.append(int(model(known, torch.arange(known.shape[1])[None], memory)[0, -1].argmax()))
        if new[-1] == END:
            break
    return tokenizer.decode(new)


def prompt(tokenizer, corpus, rng, facts, length):
    gap = max(4, (length - len(facts) * 22 - 30) // len(facts))
    ids = tokenizer.encode('<|im_start|>user\n')
    for fact in facts:
        start = rng.randrange(len(corpus) - gap)
        ids += [int(x) for x in corpus[start:start + gap] if x > END] + tokenizer.encode('\n' + fact['tell'] + '\n')
    asked = rng.choice(facts)
    return ids + tokenizer.encode(rng.choice(asked['ask']) + '<|im_end|>\n<|im_start|>assistant\n'), asked['value']


def main(work, samples=50):
    model = Model(json.load(open(work + '/shape.json')))
    model.load_state_dict(torch.load(work + '/model.pt', map_location='cpu'))
    tokenizer, corpus = bpe.Tokenizer(work + '/tokenizer.json'), np.fromfile(work + '/valid.bin', dtype=np.uint16)
    for length, count in CASES:
        rng, right = random.Random(length * 100 + count), [0, 0]
        facts = Facts(rng)
        for _ in range(samples):
            ids, value = prompt(tokenizer, corpus, rng, facts.facts(count), length)
            for remembering in (False, True):
                right[remembering] += value in generate(model, tokenizer, ids, 24, remembering)
        print(f'{length} tokens, {count} facts: dense {right[0]}/{samples}, remembering {right[1]}/{samples}', flush=True)


if __name__ == '__main__':
    main(sys.argv[1], *map(int, sys.argv[2:3]))
