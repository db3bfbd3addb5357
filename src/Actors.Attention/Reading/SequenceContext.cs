using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>What a reader works on: the pages of one sequence, the model's embedding and shape, and what holds for any policy.</summary>
/// <param name="Table">The pages; written and committed by the owner thread.</param>
/// <param name="Rope">The model's rotary embedding.</param>
/// <param name="Shape">The model's head counts.</param>
/// <param name="Options">What holds for any policy.</param>
internal sealed record SequenceContext(PageTable Table, RotaryEmbedding Rope, AttentionShape Shape, ReadOptions Options)
{
    private readonly float[] _queryScales = Options.QueryScales(Shape);

    /// <summary>Element type of the pages.</summary>
    public KvElement Element { get; } = Table.Layout.Format switch
    {
        KvFormat.Float16 => KvElement.Float16,
        KvFormat.BFloat16 => KvElement.BFloat16,
        _ => KvElement.Float32,
    };

    /// <summary>Factors on the queries of the heads that share a KV head, 1/sqrt(headDim) included: [groupSize].</summary>
    public ReadOnlySpan<float> QueryScales(int layer, int head) => _queryScales.AsSpan((layer * Shape.QueryHeads) + (head * Shape.GroupSize), Shape.GroupSize);

    /// <summary>Number of a (layer, KV head) among all.</summary>
    public int HeadIndex(int layer, int head) => (layer * Shape.KvHeads) + head;

    /// <summary>(layer, KV head) pairs of the model.</summary>
    public int Heads => Shape.Layers * Shape.KvHeads;
}
