"""Trains the bundled recall model: a Llama-format decoder that answers from its context.
   python3 train.py WORK --size tiny|small|base --hours H
   python3 train.py WORK --continue --learning-rate 5e-4 --remember --length 512      from WORK/model.pt
WORK holds train.txt and valid.txt (corpus.py). Writes tokenizer.json, train.bin, valid.bin, shape.json and, every five minutes, model.pt.

Context grows 128 -> 256 -> 512 (-> 1024 on a GPU) unless --length fixes it. Positions jump at the borders of parts, up to 4,096 (32,768 for base), so that
distance in itself tells the model nothing. --remember trains half of the steps with the attention of a retrieving policy: everything beyond a random window
stands un-rotated at one constant distance, among up to 2,048 keys of other sequences, prose and dialogues with facts of their own, as in a long memory
(crossbatch training, arXiv:2307.03170)."""
import argparse
import collections
import contextlib
import json
import math
import os
import random
import time

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn as nn
import torch.nn.functional as F

from batches import Batches, prepare
from model import SIZES, Memory, Model

EARLY, LATE = (.1, .5), (.3, .06)                                        # shares of prose and of random spans


def produce(work, vocabulary, seed, reach, alike, haystacks, plan, queue):
    batches = Batches(work, vocabulary, seed, reach, alike, haystacks)
    while True:
        rows, tokens, early = plan[:]
        queue.put(batches.batch(rows, tokens, EARLY if early else LATE))


class ForeignRows:
    """Keys and values of recent rows, from which distraction is drawn. Rows with other facts count most: from prose alone no model learns to tell keys apart."""

    def __init__(self, rows):
        self.rows = collections.deque(maxlen=rows)

    def keep(self, memory):
        for row in range(memory.kept[0][0].shape[0]):
            self.rows.append([(k[row].clone(), v[row].clone()) for k, v in memory.kept])

    def draw(self, tokens, rng):
        """Per layer (keys, values) of about that many tokens, or None while there are too few"""
        if not self.rows:
            return None
        count = min(len(self.rows), max(1, tokens // self.rows[0][0][0].shape[1]))
        chosen = rng.sample(list(self.rows), count)
        return [tuple(torch.cat([row[layer][part] for row in chosen], 1) for part in (0, 1)) for layer in range(len(chosen[0]))]


def length(done, fixed, gpu):
    return fixed or (128 if done < .45 else 256 if done < .7 else 512 if done < .9 or not gpu else 1024)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument('work')
    parser.add_argument('--size', default='tiny', choices=SIZES)
    parser.add_argument('--hours', type=float, default=2.5)
    parser.add_argument('--continue', dest='resume', action='store_true', help='start from WORK/model.pt')
    parser.add_argument('--remember', action='store_true', help='train half of the steps with the attention of a retrieving policy')
    parser.add_argument('--length', type=int, help='tokens of every sequence, instead of growing')
    parser.add_argument('--tokens-per-step', type=int)
    parser.add_argument('--workers', type=int, help='processes that make batches')
    parser.add_argument('--haystacks', type=float, default=.5, help='share of the dialogues that hide needles in a haystack')
    parser.add_argument('--learning-rate', type=float, default=2e-3)
    return parser.parse_args()


def main():
    o, gpu = options(), torch.cuda.is_available()
    shape, device, path = SIZES[o.size], 'cuda' if gpu else 'cpu', o.work + '/model.pt'
    per_step, reach = o.tokens_per_step or (131072 if gpu else 4096), 32768 if o.size == 'base' else 4096
    prepare(o.work, shape['vocab_size'])
    torch.manual_seed(0)
    rng, foreign = random.Random(int(time.time())), ForeignRows(32)
    model = Model(shape).to(device)
    if o.resume:
        model.load_state_dict(torch.load(path, map_location=device))
    json.dump(shape, open(o.work + '/shape.json', 'w'))
    print(sum(p.numel() for p in model.parameters()) / 1e6, 'M weights on', device, flush=True)

    plan, queue = mp.Array('i', [1, 128, 1]), mp.Queue(8)
    for i in range(o.workers or (max(1, os.cpu_count() - 2) if gpu else 1)):
        seed = rng.randrange(1 << 30) + i
        mp.Process(target=produce, args=(o.work, shape['vocab_size'], seed, reach, o.resume, o.haystacks, plan, queue), daemon=True).start()
    step_model = torch.compile(model) if gpu and hasattr(torch, 'compile') and not o.remember else model
    matrices, vectors = [p for p in model.parameters() if p.dim() == 2], [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW([dict(params=matrices, weight_decay=.05), dict(params=vectors, weight_decay=0)], lr=o.learning_rate, betas=(.9, .95))

    start = saved = time.time()
    step, tokens, stat = 0, 0, collections.Counter()
    while (done := (time.time() - start) / (o.hours * 3600)) < 1:
        L = length(done, o.length, gpu)
        plan[:] = [max(1, per_step // L), L, int(done < .4 and not o.resume)]
        for group in optimizer.param_groups:
            group['lr'] = o.learning_rate * min(1, (step + 1) / 40) * (.03 + .97 * .5 * (1 + math.cos(math.pi * done)))
        ids, weights, positions = queue.get()
        ids, weights, positions = (torch.from_numpy(z).to(device, non_blocking=True) for z in (ids, weights, positions))
        target, memory = ids[:, 1:], None
        if o.remember and step % 2:
            memory = Memory(window=rng.choice([32, 64, 128, 256, 384]), distance=int(2 ** rng.uniform(6, 11)), foreign=foreign.draw(rng.choice([0, 512, 1024, 2048]), rng))
        with (torch.autocast('cuda', torch.bfloat16) if gpu else contextlib.nullcontext()):
            logits = step_model(ids[:, :-1], positions, memory)
        if memory:
            foreign.keep(memory)
        entropy = F.cross_entropy(logits.float().flatten(0, 1), target.flatten(), reduction='none').view_as(target)
        loss = (entropy * weights).sum() / weights.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        step, tokens, kind = step + 1, tokens + ids.numel(), 'remember' if memory else 'dense'
        values = weights >= 5
        if values.any():
            stat[kind, 'entropy'] += entropy[values].mean().item()
            stat[kind, 'right'] += (logits.argmax(-1) == target)[values].float().mean().item()
            stat[kind, 'steps'] += 1
        if step % 100 == 0:
            figures = '  '.join(f'{k}: value loss {stat[k, "entropy"] / stat[k, "steps"]:.3f} right {stat[k, "right"] / stat[k, "steps"]:.3f}'
                                for k in ('dense', 'remember') if stat[k, 'steps'])
            print(f'step {step} length {L} {done:.1%} {tokens / 1e6:.1f}M tokens {tokens / (time.time() - start):.0f}/s  {figures}', flush=True)
            stat.clear()
        if time.time() - saved > 300:
            torch.save(model.state_dict(), path)
            saved = time.time()
    torch.save(model.state_dict(), path)


if __name__ == '__main__':
    mp.set_start_method('spawn', force=True)
    main()
