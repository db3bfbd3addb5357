"""python3 reference.py CHECKPOINT: writes expected.json, the logits of a float64 forward pass over the stored bf16 weights and the greedy continuation."""
import json
import sys

import torch

import tokenizer as bpe
from checkpoint import SHAPE, tensors
from model import Model

PROMPT = ("<|im_start|>user\nMy dog's code is 48213.<|im_end|>\n<|im_start|>assistant\nNoted.<|im_end|>\n<|im_start|>user\nThe color of Ana's bike is teal.<|im_end|>\n"
          "<|im_start|>assistant\nGot it.<|im_end|>\n<|im_start|>user\nWhat is my dog's code?<|im_end|>\n<|im_start|>assistant\n")
NEW_TOKENS = 16


@torch.no_grad()
def main(checkpoint):
    torch.set_default_dtype(torch.float64)
    config = json.load(open(checkpoint + '/config.json'))
    model = Model({key: config[key] for key in SHAPE})
    model.load_state_dict({name: tensor.double() for name, tensor in tensors(checkpoint).items()})
    tokenizer = bpe.Tokenizer(checkpoint + '/tokenizer.json')
    ids = tokenizer.encode(PROMPT)

    def logits(known):
        return model(torch.tensor([known]), torch.arange(len(known))[None])[0]

    first, greedy = logits(ids), []
    for _ in range(NEW_TOKENS):
        greedy.append(int(logits(ids + greedy)[-1].argmax()))
    last = {str(i): [round(x, 5) for x in first[i].tolist()] for i in (0, 10, len(ids) - 1)}
    with open(checkpoint + '/expected.json', 'w') as file:
        json.dump(dict(note='float64 dense forward pass over the stored bf16 weights', text=PROMPT, tokens=ids, last=last, greedy=greedy,
                       greedyText=tokenizer.decode(greedy)), file)


if __name__ == '__main__':
    main(sys.argv[1])
