"""A Llama-format decoder in plain torch (1.13 on the CPU, 2 on a GPU).

Attention has two modes. Dense: every earlier token at its own position. Remembering (pass a Memory): tokens further back than the window are read the way a
retrieving policy reads them, un-rotated and all at one constant distance, and tokens of other sequences stand among them as distraction."""
import dataclasses
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = dict(
    tiny=dict(hidden_size=192, num_hidden_layers=6, num_attention_heads=6, num_key_value_heads=2, intermediate_size=512, head_dim=32, vocab_size=2048),
    small=dict(hidden_size=384, num_hidden_layers=8, num_attention_heads=6, num_key_value_heads=2, intermediate_size=1024, head_dim=64, vocab_size=4096),
    base=dict(hidden_size=512, num_hidden_layers=10, num_attention_heads=8, num_key_value_heads=2, intermediate_size=1408, head_dim=64, vocab_size=4096))
ROPE_THETA, NORM_EPSILON = 10000., 1e-5


@dataclasses.dataclass
class Memory:
    """How far tokens are seen at their own positions, at which distance the others stand, and foreign keys and values per layer.
    foreign: None, or per layer (keys, values), each [kv heads, tokens, head dim], keys before rotation. kept: per layer (keys, values) of this pass."""
    window: int
    distance: int
    foreign: list = None
    kept: list = dataclasses.field(default_factory=list)


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + NORM_EPSILON)).type_as(x) * self.weight


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1).type_as(x)


class Layer(nn.Module):
    def __init__(self, shape, index):
        super().__init__()
        hidden, inner, head = shape['hidden_size'], shape['intermediate_size'], shape['head_dim']
        self.index, self.heads, self.kv_heads, self.head = index, shape['num_attention_heads'], shape['num_key_value_heads'], head

        def linear(inputs, outputs):
            return nn.Linear(inputs, outputs, bias=False)

        self.input_layernorm, self.post_attention_layernorm = Norm(hidden), Norm(hidden)
        self.self_attn = nn.ModuleDict(dict(q_proj=linear(hidden, self.heads * head), k_proj=linear(hidden, self.kv_heads * head),
                                            v_proj=linear(hidden, self.kv_heads * head), o_proj=linear(self.heads * head, hidden)))
        self.mlp = nn.ModuleDict(dict(gate_proj=linear(hidden, inner), up_proj=linear(hidden, inner), down_proj=linear(inner, hidden)))

    def forward(self, x, rope, memory):
        rows, tokens, _ = x.shape
        h = self.input_layernorm(x)
        q, k, v = (self.self_attn[name](h).view(rows, tokens, heads, self.head).transpose(1, 2)
                   for name, heads in (('q_proj', self.heads), ('k_proj', self.kv_heads), ('v_proj', self.kv_heads)))
        attended = self._dense(q, k, v, rope) if memory is None else self._remembering(q, k, v, rope, memory)
        x = x + self.self_attn['o_proj'](attended.transpose(1, 2).reshape(rows, tokens, self.heads * self.head))
        h = self.post_attention_layernorm(x)
        return x + self.mlp['down_proj'](F.silu(self.mlp['gate_proj'](h)) * self.mlp['up_proj'](h))

    def _dense(self, q, k, v, rope):
        q, k, group = rotate(q, *rope), rotate(k, *rope), self.heads // self.kv_heads
        if hasattr(F, 'scaled_dot_product_attention'):
            return F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_causal=True)
        future = torch.full((q.shape[2], q.shape[2]), -1e9, device=q.device).triu(1)
        return self._mix((self._scores(q, k) + future).softmax(-1), v)

    def _remembering(self, q, k, v, rope, memory):
        memory.kept.append((k.detach(), v.detach()))
        tokens, group = q.shape[2], self.heads // self.kv_heads
        angle = memory.distance / ROPE_THETA ** (torch.arange(0, self.head, 2, device=q.device) / self.head)
        far = rotate(q, angle.cos(), angle.sin())
        age = torch.arange(tokens, device=q.device)[:, None] - torch.arange(tokens, device=q.device)[None]
        scores = torch.where(age < memory.window, self._scores(rotate(q, *rope), rotate(k, *rope)), self._scores(far, k))
        scores = scores.masked_fill(age < 0, -1e9)
        if memory.foreign is None:
            return self._mix(scores.softmax(-1), v)
        keys, values = (z[None].expand(q.shape[0], -1, -1, -1) for z in memory.foreign[self.index])
        weights = torch.cat([scores, self._scores(far, keys)], -1).softmax(-1)
        return self._mix(weights[..., :tokens], v) + self._mix(weights[..., tokens:], values)

    def _scores(self, q, k):
        """[rows, kv heads, group, queries, keys]"""
        rows, _, queries, head = q.shape
        return (q.reshape(rows, self.kv_heads, -1, head) @ k.transpose(-1, -2)).view(rows, self.kv_heads, -1, queries, k.shape[2]) * head ** -.5

    def _mix(self, weights, v):
        rows, _, _, queries, keys = weights.shape
        return (weights.reshape(rows, self.kv_heads, -1, keys) @ v).view(rows, self.heads, queries, self.head)


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape['vocab_size'], shape['hidden_size'])
        self.layers = nn.ModuleList(Layer(shape, i) for i in range(shape['num_hidden_layers']))
        self.norm = Norm(shape['hidden_size'])
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_residual = 'o_proj' in name or 'down_proj' in name
                nn.init.normal_(weight, 0, .02 / (math.sqrt(2 * shape['num_hidden_layers']) if into_residual else 1))

    def forward(self, ids, positions, memory=None):
        """ids, positions: [rows, tokens]. Returns logits [rows, tokens, vocabulary]."""
        head = self.shape['head_dim']
        frequencies = 1 / ROPE_THETA ** (torch.arange(0, head, 2, device=ids.device) / head)
        angles = positions[:, None, :, None].to(frequencies.dtype) * frequencies
        rope, x = (angles.cos(), angles.sin()), self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, rope, memory)
        return F.linear(self.norm(x), self.embed_tokens.weight)
