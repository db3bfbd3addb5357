using System.Text.Json;

namespace Actors.Models;

/// <summary>Reads the JSON files of a checkpoint directory into a <see cref="ModelConfig"/>.</summary>
internal static class ModelConfigReader
{
    public const int MaxContext = 1 << 30;
    private const long MaxBytes = 16 << 20;
    private const string Supported = "Supported are llama, mistral, qwen2 and qwen3.";

    public static ModelConfig Read(string directory)
    {
        string path = Path.Combine(directory, "config.json");
        var config = JsonFields.Load(path, MaxBytes);
        var family = ReadFamily(config);
        RefuseUnsupported(config);
        var shape = ReadShape(config, family);
        int maxPositions = config.Int("max_position_embeddings", 1, MaxContext, 2048);
        var (theta, scaling) = RopeScalingReader.Read(config, maxPositions);
        bool attentionBias = config.Bool("attention_bias", false);
        if (family is ModelFamily.Mistral && attentionBias) throw config.Refuse("attention_bias is true, which no Mistral model has.");
        int? sliding = ReadSlidingWindow(config, family);
        int trained = ReadTrainedWindow(directory)
            ?? (scaling is { Kind: RopeScalingKind.Llama3 or RopeScalingKind.Yarn } ? scaling.OriginalMaxPositions : maxPositions);
        return new ModelConfig
        {
            Family = family,
            Shape = shape,
            RmsNormEpsilon = (float)config.Double("rms_norm_eps", 0, 1, 1e-6),
            TiedHead = config.Bool("tie_word_embeddings", false),
            QkvBias = family is ModelFamily.Qwen2 || attentionBias,
            OutputBias = family is not ModelFamily.Qwen2 && attentionBias,
            QkNorm = family is ModelFamily.Qwen3,
            RopeTheta = theta,
            RopeScaling = scaling,
            MaxPositions = maxPositions,
            SlidingWindow = sliding,
            TrainedWindow = Math.Min(trained, sliding ?? int.MaxValue),
            BosToken = Tokens(config, "bos_token_id", shape.VocabularySize) is [var bos, ..] ? bos : null,
            EosTokens = ReadEos(directory, config, shape.VocabularySize),
        };
    }

    private static ModelFamily ReadFamily(JsonFields config)
    {
        string? type = config.OptionalString("model_type");
        if (type is null && config.TryGet("architectures", out var list) && list.ValueKind == JsonValueKind.Array
            && list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.String)
        {
            string architecture = list[0].GetString()!;
            type = architecture.EndsWith("ForCausalLM", StringComparison.Ordinal) ? architecture[..^11].ToLowerInvariant() : architecture;
        }

        return type switch
        {
            "llama" => ModelFamily.Llama,
            "mistral" => ModelFamily.Mistral,
            "qwen2" => ModelFamily.Qwen2,
            "qwen3" => ModelFamily.Qwen3,
            null => throw config.Refuse($"neither model_type nor architectures says which family the model is of. {Supported}"),
            _ => throw config.Refuse($"model family '{type}' is not supported. {Supported}"),
        };
    }

    private static void RefuseUnsupported(JsonFields config)
    {
        if (config.TryGet("quantization_config", out _))
            throw config.Refuse("quantization_config is present, but only plain BF16, F16 and F32 weights are read. Take the unquantized checkpoint.");
        if (config.OptionalString("hidden_act") is { } act and not "silu" and not "swish")
            throw config.Refuse($"hidden_act is '{act}'; only silu is supported.");
        if (config.Bool("mlp_bias", false)) throw config.Refuse("mlp_bias is true; only MLPs without bias are supported.");
        double rotary = config.Double("partial_rotary_factor", 0, 1, 1);
        if (rotary != 1) throw config.Refuse($"partial_rotary_factor is {rotary:R}; only 1 (every channel is rotated) is supported.");
    }

    private static ModelShape ReadShape(JsonFields config, ModelFamily family)
    {
        int hidden = config.Int("hidden_size", 1, 1 << 17), heads = config.Int("num_attention_heads", 1, 4096);
        int kvHeads = config.Int("num_key_value_heads", 1, 4096, family is ModelFamily.Mistral && heads % 8 == 0 ? 8 : heads);
        if (heads % kvHeads != 0)
            throw config.Refuse($"num_attention_heads {heads} is not a multiple of num_key_value_heads {kvHeads}.");
        bool divides = hidden % heads == 0;
        int? derived = family is ModelFamily.Qwen3 ? 128 : divides ? hidden / heads : null;
        if (derived is null && !config.Has("head_dim"))
            throw config.Refuse($"hidden_size {hidden} is not a multiple of num_attention_heads {heads} and head_dim is missing.");
        int headDim = config.Int("head_dim", 2, 4096, derived);
        if (headDim % 2 != 0) throw config.Refuse($"head_dim {headDim} is odd, so its channels cannot be rotated in pairs.");
        return new ModelShape(
            config.Int("num_hidden_layers", 1, 4096), hidden, heads, kvHeads, headDim,
            config.Int("intermediate_size", 1, 1 << 20), config.Int("vocab_size", 1, 1 << 24));
    }

    private static int? ReadSlidingWindow(JsonFields config, ModelFamily family)
    {
        // Mistral's window defaults to 4096 where the key is absent; null turns it off. Qwen needs a second switch.
        int? window = family switch
        {
            ModelFamily.Mistral => config.Element.TryGetProperty("sliding_window", out _)
                ? config.OptionalInt("sliding_window", 1, MaxContext)
                : 4096,
            ModelFamily.Qwen2 or ModelFamily.Qwen3 when config.Bool("use_sliding_window", false) =>
                config.OptionalInt("sliding_window", 1, MaxContext),
            _ => null,
        };
        return window;
    }

    private static int? ReadTrainedWindow(string directory)
    {
        string path = Path.Combine(directory, "actors.json");
        return File.Exists(path) ? JsonFields.Load(path, MaxBytes).OptionalInt("trained_window", 1, MaxContext) : null;
    }

    private static int[] ReadEos(string directory, JsonFields config, int vocabulary)
    {
        IEnumerable<int> tokens = Tokens(config, "eos_token_id", vocabulary);
        string path = Path.Combine(directory, "generation_config.json");
        if (File.Exists(path)) tokens = tokens.Concat(Tokens(JsonFields.Load(path, MaxBytes), "eos_token_id", vocabulary));
        return tokens.Distinct().ToArray();
    }

    private static int[] Tokens(JsonFields fields, string name, int vocabulary)
    {
        if (!fields.TryGet(name, out var value)) return [];
        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        return Array.ConvertAll(items, item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int token) && token >= 0 && token < vocabulary
                ? token
                : throw fields.Wrong(name, value, $"a token from 0 to {vocabulary - 1:N0} or a list of them"));
    }
}
