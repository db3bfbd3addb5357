using Actors.Models;

namespace Actors.Benchmarks.Compute;

/// <summary>The shapes that speed is measured at. Layers beyond those that memory bandwidth needs are left out of the largest.</summary>
public static class ModelSizes
{
    public static readonly IReadOnlyList<string> Names = ["tiny", "135m", "1b"];

    public static ModelShape Of(string name) => name switch
    {
        "tiny" => new ModelShape(Layers: 6, HiddenSize: 192, QueryHeads: 6, KvHeads: 2, HeadDim: 32, FfnSize: 512, VocabularySize: 2048),
        "135m" => new ModelShape(Layers: 30, HiddenSize: 576, QueryHeads: 9, KvHeads: 3, HeadDim: 64, FfnSize: 1536, VocabularySize: 49152),
        "1b" => new ModelShape(Layers: 4, HiddenSize: 2048, QueryHeads: 32, KvHeads: 8, HeadDim: 64, FfnSize: 8192, VocabularySize: 32768),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, $"Unknown model size {name}; expected one of {string.Join(", ", Names)}."),
    };

    /// <summary>Weights of the matrices of one layer.</summary>
    public static long LayerWeights(ModelShape s) =>
        (long)s.HiddenSize * (2 * s.QueryHeads * s.HeadDim + 2 * s.KvHeads * s.HeadDim + 3L * s.FfnSize);

    /// <summary>Weights that one decode step reads: all layers and the head.</summary>
    public static long StepWeights(ModelShape s) => s.Layers * LayerWeights(s) + (long)s.VocabularySize * s.HiddenSize;
}
