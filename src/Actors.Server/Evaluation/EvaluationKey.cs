using System.Text.Json.Serialization;

namespace Actors.Server.Evaluation;

/// <summary>What was measured, without the results. Equal keys of one program give equal scores.</summary>
internal sealed record EvaluationKey
{
    internal const string WithReceipts = "receipts", WithFidelity = "fidelity";

    public required string Task { get; init; }

    /// <summary>Attention policy with its options, as it was given.</summary>
    public required string Policy { get; init; }

    /// <summary>Policy that read the contexts before <see cref="Policy"/> answered; null when it read them itself.</summary>
    public string? Ingest { get; init; }

    /// <summary>Length that was asked for, in tokens.</summary>
    public required int Length { get; init; }

    public required long Seed { get; init; }

    public required int Samples { get; init; }

    /// <summary>Name of the model and the beginning of its fingerprint.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the file with prose and the beginning of its SHA-256; null where none was used.</summary>
    public string? Text { get; init; }

    /// <summary>What else the task was told.</summary>
    public string? Variant { get; init; }

    /// <summary>Whether decoding was observed, which takes time: such rows say nothing about speed.</summary>
    [JsonIgnore]
    public bool IsObserved => Variant?.Split("; ").Any(part => part == WithReceipts || part.StartsWith(WithFidelity, StringComparison.Ordinal)) == true;
}
