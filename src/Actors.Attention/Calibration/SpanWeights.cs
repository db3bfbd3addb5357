namespace Actors.Attention;

/// <summary>Runs of tokens whose attention is scaled in some layers. Immutable.</summary>
/// <param name="FirstLayer">First layer in which it is.</param>
/// <param name="Spans">Disjoint runs.</param>
/// <remarks>Source: arXiv:2406.16008 (found in the middle), which scales the attention of documents by what they are worth.</remarks>
public sealed record SpanWeights(int FirstLayer, IReadOnlyList<SpanWeight> Spans);
