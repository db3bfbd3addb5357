namespace Actors.Attention;

/// <summary>Head counts that attention needs to know of a model.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="QueryHeads">Query heads, a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Key/value heads.</param>
/// <param name="HeadDim">Elements per head, even.</param>
public sealed record AttentionShape(int Layers, int QueryHeads, int KvHeads, int HeadDim)
{
    /// <summary>Query heads that share one KV head.</summary>
    public int GroupSize => QueryHeads / KvHeads;
}
