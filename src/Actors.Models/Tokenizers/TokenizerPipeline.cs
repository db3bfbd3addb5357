namespace Actors.Models;

/// <summary>What happens to text before merging.</summary>
/// <param name="Normalizers">Rewrite each stretch, in order.</param>
/// <param name="Splitters">Cut it, in order; each cuts the pieces of the one before.</param>
/// <param name="ByteLevel">Pieces are merged as bytes rather than characters.</param>
internal sealed record TokenizerPipeline(List<ITextNormalizer> Normalizers, List<ITextSplitter> Splitters, bool ByteLevel);
