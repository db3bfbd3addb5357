"""python3 checkpoint.py export WORK OUT: writes model.pt as a Hugging Face Llama checkpoint (bf16 safetensors, config, tokenizer, chat template).
python3 checkpoint.py import CHECKPOINT WORK: the way back, so that training goes on from published weights."""
import json
import os
import shutil
import struct
import sys

import torch

SHAPE = ('hidden_size', 'num_hidden_layers', 'num_attention_heads', 'num_key_value_heads', 'intermediate_size', 'head_dim', 'vocab_size')
TEMPLATE = ("{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def write(path, value):
    with open(path, 'w') as file:
        json.dump(value, file, indent=1)


def export(work, out):
    os.makedirs(out, exist_ok=True)
    shape, header, offset, blobs = json.load(open(work + '/shape.json')), {}, 0, []
    for name, tensor in torch.load(work + '/model.pt', map_location='cpu').items():
        raw = tensor.to(torch.bfloat16).view(torch.int16).numpy().astype('<i2').tobytes()
        header['model.' + name] = dict(dtype='BF16', shape=list(tensor.shape), data_offsets=[offset, offset + len(raw)])
        offset += len(raw)
        blobs.append(raw)
    encoded = json.dumps(header).encode()
    encoded += b' ' * (-len(encoded) % 8)
    with open(out + '/model.safetensors', 'wb') as file:
        file.write(struct.pack('<Q', len(encoded)) + encoded + b''.join(blobs))
    write(out + '/config.json', dict(shape, architectures=['LlamaForCausalLM'], model_type='llama', hidden_act='silu', rms_norm_eps=1e-5, rope_theta=10000.0,
                                     tie_word_embeddings=True, max_position_embeddings=4096, torch_dtype='bfloat16', bos_token_id=0, eos_token_id=2,
                                     attention_bias=False, mlp_bias=False))
    write(out + '/tokenizer_config.json', dict(tokenizer_class='PreTrainedTokenizerFast', model_max_length=4096, bos_token='<|endoftext|>',
                                               eos_token='<|im_end|>', pad_token='<|endoftext|>', chat_template=TEMPLATE))
    write(out + '/generation_config.json', dict(bos_token_id=0, eos_token_id=[0, 2]))
    shutil.copy(work + '/tokenizer.json', out)


def tensors(checkpoint):
    """Name -> float32 tensor, without the prefix 'model.'"""
    raw = open(checkpoint + '/model.safetensors', 'rb').read()
    size, = struct.unpack('<Q', raw[:8])
    out = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        start, end = (8 + size + offset for offset in entry['data_offsets'])
        out[name[len('model.'):]] = torch.frombuffer(bytearray(raw[start:end]), dtype=torch.bfloat16).view(entry['shape']).float()
    return out


def restore(checkpoint, work):
    os.makedirs(work, exist_ok=True)
    config = json.load(open(checkpoint + '/config.json'))
    write(work + '/shape.json', {key: config[key] for key in SHAPE})
    torch.save(tensors(checkpoint), work + '/model.pt')
    shutil.copy(checkpoint + '/tokenizer.json', work)


if __name__ == '__main__':
    {'export': export, 'import': restore}[sys.argv[1]](*sys.argv[2:])
