using System.Buffers.Binary;
using System.Text.Json;
using Actors.Models;

namespace Actors.Benchmarks.Compute;

/// <summary>A bf16 checkpoint of seeded random weights in the temporary folder, deleted on disposal.</summary>
public sealed class SyntheticCheckpoint : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"actors-bench-{Guid.NewGuid():N}");

    public SyntheticCheckpoint(ModelShape shape)
    {
        System.IO.Directory.CreateDirectory(_directory);
        WriteConfig(shape);
        WriteTensors(shape);
        Checkpoint = Checkpoint.Open(_directory);
    }

    public Checkpoint Checkpoint { get; }

    public void Dispose()
    {
        Checkpoint.Dispose();
        System.IO.Directory.Delete(_directory, recursive: true);
    }

    private void WriteConfig(ModelShape s) => File.WriteAllText(Path.Combine(_directory, "config.json"), JsonSerializer.Serialize(new
    {
        architectures = new[] { "LlamaForCausalLM" },
        model_type = "llama",
        hidden_size = s.HiddenSize,
        num_hidden_layers = s.Layers,
        num_attention_heads = s.QueryHeads,
        num_key_value_heads = s.KvHeads,
        head_dim = s.HeadDim,
        intermediate_size = s.FfnSize,
        vocab_size = s.VocabularySize,
        rms_norm_eps = 1e-5,
        rope_theta = 10000.0,
        max_position_embeddings = 2048,
        hidden_act = "silu",
        tie_word_embeddings = true,
    }));

    private void WriteTensors(ModelShape s)
    {
        int queries = s.QueryHeads * s.HeadDim, keys = s.KvHeads * s.HeadDim;
        var shapes = new List<(string Name, int[] Shape)> { ("model.embed_tokens.weight", [s.VocabularySize, s.HiddenSize]), ("model.norm.weight", [s.HiddenSize]) };
        for (int layer = 0; layer < s.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            shapes.Add(($"{prefix}input_layernorm.weight", [s.HiddenSize]));
            shapes.Add(($"{prefix}self_attn.q_proj.weight", [queries, s.HiddenSize]));
            shapes.Add(($"{prefix}self_attn.k_proj.weight", [keys, s.HiddenSize]));
            shapes.Add(($"{prefix}self_attn.v_proj.weight", [keys, s.HiddenSize]));
            shapes.Add(($"{prefix}self_attn.o_proj.weight", [s.HiddenSize, queries]));
            shapes.Add(($"{prefix}post_attention_layernorm.weight", [s.HiddenSize]));
            shapes.Add(($"{prefix}mlp.gate_proj.weight", [s.FfnSize, s.HiddenSize]));
            shapes.Add(($"{prefix}mlp.up_proj.weight", [s.FfnSize, s.HiddenSize]));
            shapes.Add(($"{prefix}mlp.down_proj.weight", [s.HiddenSize, s.FfnSize]));
        }

        long offset = 0;
        var header = new Dictionary<string, object>();
        foreach ((string name, int[] shape) in shapes)
        {
            long end = offset + 2 * shape.Aggregate(1L, (product, dimension) => product * dimension);
            header[name] = new { dtype = "BF16", shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        using FileStream file = File.Create(Path.Combine(_directory, "model.safetensors"));
        file.Write(length);
        file.Write(json);
        byte[] block = Block();
        for (long written = 0; written < offset; written += block.Length)
        {
            file.Write(block, 0, (int)Math.Min(block.Length, offset - written));
        }
    }

    /// <summary>bf16 values between -0.05 and 0.05.</summary>
    private static byte[] Block()
    {
        var random = new Random(1);
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < block.Length; i += 2)
        {
            float value = (random.NextSingle() - 0.5f) / 10;
            BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(i), (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
        }

        return block;
    }
}
