namespace Actors.Server.Evaluation;

/// <summary>Result of one task under one policy at one length.</summary>
internal sealed record EvaluationRow
{
    public required string Task { get; init; }

    public required string Policy { get; init; }

    /// <summary>Length that was asked for, in tokens.</summary>
    public required int Length { get; init; }

    /// <summary>Mean length of the contexts, in tokens.</summary>
    public required int Tokens { get; init; }

    public required int Samples { get; init; }

    public required int Questions { get; init; }

    public required int Right { get; init; }

    /// <summary>Right answers of 100.</summary>
    public double Score => Questions == 0 ? 0 : 100.0 * Right / Questions;

    /// <summary>Mean of the keys that a layer and KV head reads for one generated token.</summary>
    public required double KeysRead { get; init; }

    public required double PrefillTokensPerSecond { get; init; }

    /// <summary>Median over the answers of the mean time per generated token.</summary>
    public required double DecodeMilliseconds { get; init; }

    /// <summary>Bytes of keys and values in memory after the context, of the last sample.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Bytes in page files after the context, of the last sample.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>Right answers and questions of each kind.</summary>
    public required IReadOnlyDictionary<string, EvaluationShare> Kinds { get; init; }

    public required IReadOnlyList<EvaluationAnswer> Answers { get; init; }
}

/// <summary>Part of a score.</summary>
/// <param name="Right">Right answers.</param>
/// <param name="Questions">Questions.</param>
internal readonly record struct EvaluationShare(int Right, int Questions);
