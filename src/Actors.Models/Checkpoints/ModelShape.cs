namespace Actors.Models;

/// <summary>The sizes of a decoder, all in elements.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="QueryHeads">Query heads of one layer.</param>
/// <param name="KvHeads">Key/value heads of one layer; divides <paramref name="QueryHeads"/>.</param>
/// <param name="HeadDim">Channels of one head; even.</param>
/// <param name="FfnSize">Inner width of the gated MLP.</param>
/// <param name="VocabularySize">Rows of the embedding and of the head.</param>
public sealed record ModelShape(
    int Layers, int HiddenSize, int QueryHeads, int KvHeads, int HeadDim, int FfnSize, int VocabularySize)
{
    /// <summary>Query heads that share one key/value head.</summary>
    public int GroupSize => QueryHeads / KvHeads;
}
