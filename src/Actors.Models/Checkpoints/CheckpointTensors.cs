namespace Actors.Models;

/// <summary>Which tensors a configuration asks for, under the names of Hugging Face checkpoints.</summary>
internal static class CheckpointTensors
{
    /// <summary>Names and shapes of every tensor that the forward pass reads.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(ModelConfig config)
    {
        var s = config.Shape;
        int queries = s.QueryHeads * s.HeadDim, keys = s.KvHeads * s.HeadDim;
        yield return ("model.embed_tokens.weight", [s.VocabularySize, s.HiddenSize]);
        yield return ("model.norm.weight", [s.HiddenSize]);
        if (!config.TiedHead) yield return ("lm_head.weight", [s.VocabularySize, s.HiddenSize]);
        for (int layer = 0; layer < s.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return ($"{prefix}input_layernorm.weight", [s.HiddenSize]);
            yield return ($"{prefix}post_attention_layernorm.weight", [s.HiddenSize]);
            yield return ($"{prefix}self_attn.q_proj.weight", [queries, s.HiddenSize]);
            yield return ($"{prefix}self_attn.k_proj.weight", [keys, s.HiddenSize]);
            yield return ($"{prefix}self_attn.v_proj.weight", [keys, s.HiddenSize]);
            yield return ($"{prefix}self_attn.o_proj.weight", [s.HiddenSize, queries]);
            yield return ($"{prefix}mlp.gate_proj.weight", [s.FfnSize, s.HiddenSize]);
            yield return ($"{prefix}mlp.up_proj.weight", [s.FfnSize, s.HiddenSize]);
            yield return ($"{prefix}mlp.down_proj.weight", [s.HiddenSize, s.FfnSize]);
            if (config.QkvBias)
            {
                yield return ($"{prefix}self_attn.q_proj.bias", [queries]);
                yield return ($"{prefix}self_attn.k_proj.bias", [keys]);
                yield return ($"{prefix}self_attn.v_proj.bias", [keys]);
            }

            if (config.OutputBias) yield return ($"{prefix}self_attn.o_proj.bias", [s.HiddenSize]);
            if (config.QkNorm)
            {
                yield return ($"{prefix}self_attn.q_norm.weight", [s.HeadDim]);
                yield return ($"{prefix}self_attn.k_norm.weight", [s.HeadDim]);
            }
        }
    }
}
