using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>What a reader works on: the pages of one sequence and the model's embedding and shape.</summary>
/// <param name="Table">The pages; written and committed by the owner thread.</param>
/// <param name="Rope">The model's rotary embedding.</param>
/// <param name="Shape">The model's head counts.</param>
internal sealed record SequenceContext(PageTable Table, RotaryEmbedding Rope, AttentionShape Shape)
{
    /// <summary>Element type of the pages.</summary>
    public KvElement Element { get; } = Table.Layout.Format switch
    {
        KvFormat.Float16 => KvElement.Float16,
        KvFormat.BFloat16 => KvElement.BFloat16,
        _ => KvElement.Float32,
    };

    /// <summary>Number of a (layer, KV head) among all.</summary>
    public int HeadIndex(int layer, int head) => (layer * Shape.KvHeads) + head;

    /// <summary>(layer, KV head) pairs of the model.</summary>
    public int Heads => Shape.Layers * Shape.KvHeads;
}
