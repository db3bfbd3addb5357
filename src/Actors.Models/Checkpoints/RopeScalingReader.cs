namespace Actors.Models;

/// <summary>Reads <c>rope_theta</c> and <c>rope_scaling</c>, or the newer <c>rope_parameters</c> that holds both.</summary>
internal static class RopeScalingReader
{
    private const string Supported = "Supported are default, linear, llama3 and yarn.";

    public static (double Theta, RopeScaling? Scaling) Read(JsonFields config, int maxPositions)
    {
        double theta = config.Double("rope_theta", 1, 1e12, 10_000);
        var block = config.Object("rope_parameters") ?? config.Object("rope_scaling");
        if (block is not { } rope) return (theta, null);
        if (rope.Has("full_attention") || rope.Has("sliding_attention"))
            throw config.Refuse("rope_parameters differ per kind of layer, which is not supported.");
        theta = rope.Double("rope_theta", 1, 1e12, theta);
        double rotary = rope.Double("partial_rotary_factor", 0, 1, 1);
        if (rotary != 1) throw config.Refuse($"partial_rotary_factor is {rotary:R}; only 1 (every channel is rotated) is supported.");
        string type = rope.OptionalString("rope_type") ?? rope.OptionalString("type")
            ?? throw config.Refuse($"rope_scaling has neither rope_type nor type. {Supported}");
        return (theta, type switch
        {
            "default" => null,
            "linear" => new RopeScaling(RopeScalingKind.Linear, rope.Double("factor", 1, 1e6), maxPositions),
            "llama3" => Llama3(rope, maxPositions),
            "yarn" => Yarn(rope, maxPositions),
            _ => throw config.Refuse($"rope_scaling of type '{type}' is not supported. {Supported}"),
        });
    }

    private static RopeScaling Llama3(JsonFields rope, int maxPositions)
    {
        double low = rope.Double("low_freq_factor", 1e-6, 1e6), high = rope.Double("high_freq_factor", 1e-6, 1e6);
        if (high <= low) throw rope.Refuse($"rope_scaling has high_freq_factor {high:R}, which must be above low_freq_factor {low:R}.");
        return new RopeScaling(RopeScalingKind.Llama3, rope.Double("factor", 1, 1e6), Original(rope, maxPositions))
        {
            LowFrequencyFactor = low,
            HighFrequencyFactor = high,
        };
    }

    private static RopeScaling Yarn(JsonFields rope, int maxPositions)
    {
        int original = Original(rope, maxPositions);
        return new RopeScaling(RopeScalingKind.Yarn, rope.Double("factor", 1, 1e6, (double)maxPositions / original), original)
        {
            BetaFast = rope.Double("beta_fast", 1e-6, 1e6, 32),
            BetaSlow = rope.Double("beta_slow", 1e-6, 1e6, 1),
            Truncate = rope.Bool("truncate", true),
            AttentionFactor = rope.OptionalDouble("attention_factor", 1e-6, 1e6),
            Mscale = rope.OptionalDouble("mscale", 0, 1e6),
            MscaleAllDim = rope.OptionalDouble("mscale_all_dim", 0, 1e6),
        };
    }

    private static int Original(JsonFields rope, int maxPositions) =>
        rope.Int("original_max_position_embeddings", 1, ModelConfigReader.MaxContext, maxPositions);
}
