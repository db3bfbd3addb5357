"""What the model is trained on: prose, repeated random spans (from which copying by content forms) and dialogues about facts, and needles in haystacks."""
import math
import os
import random

import numpy as np

import tokenizer as bpe
from facts import Facts
from needles import Needles

WEIGHT = dict(text=.15, prose=.3, ack=1., say=1., value=5.)
FIRST = (12., 6.)                                                        # more for the first tokens of a value


class Batches:
    """share: (prose, spans) shares of the sequences, the rest are dialogues. reach: how far positions may jump. haystacks: share of dialogues that hide needles."""

    def __init__(self, work, vocabulary, seed, reach, alike=False, haystacks=.5):
        self.tokenizer = bpe.Tokenizer(work + '/tokenizer.json')
        self.corpus = np.memmap(work + '/train.bin', dtype=np.uint16, mode='r')
        self.rng, self.vocabulary, self.reach, self.haystacks = random.Random(seed), vocabulary, reach, haystacks
        self.facts, self.needles = Facts(self.rng, alike), Needles(self.rng)

    def batch(self, rows, tokens, share):
        """(ids [rows, tokens + 1], loss weight of each predicted token [rows, tokens], positions [rows, tokens])"""
        drawn = [self.sequence(tokens, share) for _ in range(rows)]
        return (np.array([ids for ids, _, _ in drawn], np.int64), np.array([weights[1:] for _, weights, _ in drawn], np.float32),
                np.array([self.positions(tokens, cuts) for _, _, cuts in drawn], np.int64))

    def sequence(self, tokens, share):
        """tokens + 1 ids, their weights, and the borders of parts (None for prose)"""
        draw = self.rng.random()
        if draw < share[0]:
            return self.prose(tokens + 1), [1.] * (tokens + 1), None
        ids, weights, cuts = self.spans(tokens) if draw < share[0] + share[1] else self.dialogues(tokens)
        return ids[:tokens + 1], weights[:tokens + 1], cuts

    def prose(self, tokens):
        start = self.rng.randrange(len(self.corpus) - tokens - 1)
        return self.corpus[start:start + tokens].tolist()

    def spans(self, tokens):
        """Lengths, gaps and order are random: with fixed lengths a model copies by distance and learns no induction at all."""
        rng, ids, weights, cuts, seen = self.rng, [], [], [], set()
        pool = [self.noise(3, 24) for _ in range(rng.randint(2, 6 + tokens // 128))]
        while len(ids) <= tokens:
            i = rng.randrange(len(pool))
            cuts.append(len(ids))
            ids += pool[i]
            weights += [0.] + [2. if i in seen else 0.] * (len(pool[i]) - 1)
            seen.add(i)
            if rng.random() < .5:
                gap = self.noise(1, 20)
                ids += gap
                weights += [0.] * len(gap)
        return ids, weights, cuts

    def noise(self, least, most):
        return [self.rng.randrange(3, self.vocabulary) for _ in range(self.rng.randint(least, most))]

    def dialogues(self, tokens):
        ids, weights, cuts = [], [], []
        counts = [1, 2, 3, 4, 6, 8] if tokens <= 256 else [2, 3, 4, 6, 8, 12, 16] if tokens <= 512 else [4, 8, 12, 16, 24, 32]
        while len(ids) <= tokens:
            needles = self.rng.random() < self.haystacks
            for kind, content in self.needles.prompt(tokens) if needles else self.facts.dialogue(tokens, self.rng.choice(counts)):
                part = self.prose(content) if kind == 'prose' else self.tokenizer.encode(content)
                if kind in ('prose', 'text'):
                    cuts.append(len(ids))
                ids += part
                weights += [WEIGHT[kind]] * len(part)
                if kind == 'value':                                      # the first tokens choose among all that was told, the others follow them
                    weights[len(weights) - len(part):] = [w + FIRST[i] if i < len(FIRST) else w for i, w in enumerate(weights[len(weights) - len(part):])]
            ids.append(0)
            weights.append(.1)
        return ids, weights, cuts

    def positions(self, tokens, cuts):
        """0, 1, 2 ... with jumps at the borders of parts (PoSE, arXiv:2309.10400)."""
        positions = np.arange(tokens)
        cuts = [cut for cut in cuts or [] if 0 < cut < tokens]
        if cuts and self.rng.random() < .6:
            total, jumps = 2 ** self.rng.uniform(6, math.log2(self.reach)), self.rng.randint(1, min(5, len(cuts)))
            for cut in self.rng.sample(cuts, jumps):
                positions[cut:] += int(self.rng.random() * 2 * total / jumps)
        return positions


def prepare(work, vocabulary):
    """Trains the tokenizer unless there is one, and encodes the corpus unless that is done."""
    if not os.path.exists(work + '/tokenizer.json'):
        prose, facts = open(work + '/train.txt').read().replace('\n\x00\n', ''), Facts(random.Random(5))
        talk = '\n'.join(f'{fact["tell"]} {fact["ask"][0]} {fact["answer"]}' for fact in (facts.fact() for _ in range(12000)))
        bpe.save(*bpe.train(prose[:6_000_000] + talk, vocabulary), work + '/tokenizer.json')
    if os.path.exists(work + '/valid.bin'):
        return
    tokenizer = bpe.Tokenizer(work + '/tokenizer.json')
    for name in ('train', 'valid'):
        ids = []
        for document in open(f'{work}/{name}.txt').read().split('\n\x00\n'):
            ids += tokenizer.encode(document) + [0]
        np.array(ids, np.uint16).tofile(f'{work}/{name}.bin')
        print(name, len(ids), 'tokens', flush=True)
