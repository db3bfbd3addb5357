using Actors.Kernels;

namespace Actors.Models;

/// <summary>The weights of one layer: matrices in place, vectors widened to float32.</summary>
internal sealed class CpuLayer
{
    public CpuLayer(CpuWeights weights, ModelConfig config, int layer)
    {
        ModelShape s = config.Shape;
        int queries = s.QueryHeads * s.HeadDim, keys = s.KvHeads * s.HeadDim;
        string prefix = $"model.layers.{layer}.", attention = $"{prefix}self_attn.", feedForward = $"{prefix}mlp.";
        AttentionNorm = weights.Vector($"{prefix}input_layernorm.weight", s.HiddenSize);
        FeedForwardNorm = weights.Vector($"{prefix}post_attention_layernorm.weight", s.HiddenSize);
        Query = weights.Matrix($"{attention}q_proj.weight", queries, s.HiddenSize);
        Key = weights.Matrix($"{attention}k_proj.weight", keys, s.HiddenSize);
        Value = weights.Matrix($"{attention}v_proj.weight", keys, s.HiddenSize);
        Output = weights.Matrix($"{attention}o_proj.weight", s.HiddenSize, queries);
        Gate = weights.Matrix($"{feedForward}gate_proj.weight", s.FfnSize, s.HiddenSize);
        Up = weights.Matrix($"{feedForward}up_proj.weight", s.FfnSize, s.HiddenSize);
        Down = weights.Matrix($"{feedForward}down_proj.weight", s.HiddenSize, s.FfnSize);
        if (config.QkvBias)
        {
            QueryBias = weights.Vector($"{attention}q_proj.bias", queries);
            KeyBias = weights.Vector($"{attention}k_proj.bias", keys);
            ValueBias = weights.Vector($"{attention}v_proj.bias", keys);
        }

        if (config.OutputBias)
        {
            OutputBias = weights.Vector($"{attention}o_proj.bias", s.HiddenSize);
        }

        if (config.QkNorm)
        {
            QueryNorm = weights.Vector($"{attention}q_norm.weight", s.HeadDim);
            KeyNorm = weights.Vector($"{attention}k_norm.weight", s.HeadDim);
        }
    }

    public float[] AttentionNorm { get; }

    public float[] FeedForwardNorm { get; }

    public WeightMatrix Query { get; }

    public WeightMatrix Key { get; }

    public WeightMatrix Value { get; }

    public WeightMatrix Output { get; }

    public WeightMatrix Gate { get; }

    public WeightMatrix Up { get; }

    public WeightMatrix Down { get; }

    public float[]? QueryBias { get; }

    public float[]? KeyBias { get; }

    public float[]? ValueBias { get; }

    public float[]? OutputBias { get; }

    public float[]? QueryNorm { get; }

    public float[]? KeyNorm { get; }
}
