namespace Actors.Server.Evaluation;

/// <summary>What tasks can be told. Immutable.</summary>
internal sealed record EvaluationTaskOptions
{
    public const int DefaultFacts = 10;

    /// <summary>Prose of the user's own; null for none.</summary>
    public Haystack? Prose { get; init; }

    /// <summary>Facts of `facts`.</summary>
    public int Facts { get; init; } = DefaultFacts;

    /// <summary>Depths of `passkey`, 0 to 1; empty for random ones.</summary>
    public IReadOnlyList<double> Depths { get; init; } = [];
}
