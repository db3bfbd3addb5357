namespace Actors.Server.Evaluation;

/// <summary>What to run. Immutable.</summary>
internal sealed record EvaluationPlan
{
    /// <summary>Names of the tasks.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>Attention policies with their options, one row each.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Policy that reads every context once for all of <see cref="Policies"/>; null when each reads it itself.</summary>
    public string? Ingest { get; init; }

    /// <summary>Lengths in tokens, one row each.</summary>
    public required IReadOnlyList<int> Lengths { get; init; }

    /// <summary>Equal seeds give equal contexts.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Contexts per task, length and seed.</summary>
    public required int Samples { get; init; }

    /// <summary>Tokens of a step of <see cref="EvaluationTasks.Perplexity"/>.</summary>
    public int ChunkTokens { get; init; } = PerplexityRunner.DefaultChunkTokens;

    /// <summary>Whether answers say what they read. Recording takes time, which counts as the answer's.</summary>
    public bool Receipts { get; init; }

    /// <summary>Share of decoded tokens that are compared with exact attention. The comparison takes time, which counts as the answer's.</summary>
    public double Fidelity { get; init; }

    /// <summary>What the tasks are told.</summary>
    public EvaluationTaskOptions Options { get; init; } = new();

    /// <summary>The text of <see cref="EvaluationTaskOptions.Prose"/> as it is; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>Name of the text for results.</summary>
    public string? TextName { get; init; }

    /// <summary>The command line for results.</summary>
    public string Command { get; init; } = "";

    /// <summary>The key of one row.</summary>
    /// <param name="task">Name of the task.</param>
    /// <param name="policy">Attention policy.</param>
    /// <param name="length">Length in tokens.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="model">Name of the model for results.</param>
    public EvaluationKey Key(string task, string policy, int length, long seed, string model) => new()
    {
        Task = task, Policy = policy, Ingest = Ingest, Length = length, Seed = seed, Samples = Samples, Model = model, Text = EvaluationTasks.UsesProse(task) ? TextName : null, Variant = Describe(task),
    };

    private string? Describe(string task)
    {
        string?[] parts = [VariantOf(task), Receipts ? EvaluationKey.WithReceipts : null, Fidelity > 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{EvaluationKey.WithFidelity} {Fidelity}") : null];
        string text = string.Join("; ", parts.OfType<string>());
        return text.Length > 0 ? text : null;
    }

    private string? VariantOf(string task) => task switch
    {
        "facts" when Options.Facts != EvaluationTaskOptions.DefaultFacts => $"{Options.Facts} facts",
        "passkey" when Options.Depths.Count > 0 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"depths {string.Join(',', Options.Depths)}"),
        EvaluationTasks.Perplexity when ChunkTokens != PerplexityRunner.DefaultChunkTokens => $"chunks of {ChunkTokens}",
        _ => null,
    };
}
