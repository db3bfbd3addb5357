namespace Actors.Attention;

/// <summary>What one query read, over all layers and heads. The four masses of zones sum to 1 but for rounding.</summary>
/// <param name="Position">Position of the query token.</param>
/// <param name="Read">The tokens that drew the most in a single head, by <see cref="ReadToken.Greatest"/> descending, then by position.</param>
/// <param name="SinkMass">Mean share of the first tokens, where the policy reads them apart from the window.</param>
/// <param name="WindowMass">Mean share of the exact window; of everything, where a query reads all keys.</param>
/// <param name="MemoryMass">Mean share of keys between sinks and window.</param>
/// <param name="SummaryMass">Mean share of what stands for several keys and is in no page, such as centroids.</param>
public sealed record AttentionReceipt(
    int Position, IReadOnlyList<ReadToken> Read, float SinkMass, float WindowMass, float MemoryMass, float SummaryMass);
