namespace Actors.Server.Evaluation;

/// <summary>Result of one task with one seed under one policy at one length.</summary>
internal sealed record EvaluationRow
{
    public required EvaluationKey Key { get; init; }

    /// <summary>The command that made it.</summary>
    public string Command { get; init; } = "";

    /// <summary>Threads that computed.</summary>
    public int Threads { get; init; }

    /// <summary>Kind of machine, see <see cref="MeasuringPlace"/>.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = "";

    /// <summary>Mean length in tokens: of context and question where they are one message, else of the context.</summary>
    public required int Tokens { get; init; }

    public int Questions { get; init; }

    /// <summary>Questions whose answers hold everything that was expected.</summary>
    public int Right { get; init; }

    /// <summary>Mean share of what was expected that the answers hold, of 100; null for perplexity.</summary>
    public double? Score { get; init; }

    /// <summary>e to the mean loss; null for tasks with questions.</summary>
    public double? Perplexity { get; init; }

    /// <summary>Mean loss by position; empty for tasks with questions.</summary>
    public IReadOnlyList<LossBucket> Losses { get; init; } = [];

    /// <summary>Mean of the keys that a layer and KV head reads exactly in one decode step; null where no such step was run.</summary>
    public double? KeysRead { get; init; }

    /// <summary><see cref="KeysRead"/> of 100 keys that there are.</summary>
    public double? TouchedPercent { get; init; }

    /// <summary>Of the right answers whose sentences were planted, those in whose receipts a page of them ranks first; null where no receipts were asked for.</summary>
    public EvaluationShare? ReceiptFirst { get; init; }

    /// <summary>Mean share of exact attention mass that lies on keys which were read; null where nothing was compared.</summary>
    public double? Recall { get; init; }

    /// <summary>Mean difference to the exact output of attention by its length; null where nothing was compared.</summary>
    public double? OutputError { get; init; }

    /// <summary>Of reading contexts, by <see cref="EvaluationKey.Ingest"/> or the policy itself.</summary>
    public double PrefillTokensPerSecond { get; init; }

    /// <summary>Median of the time to change from the policy that read to the one that answers; null when they are the same.</summary>
    public double? SwitchMilliseconds { get; init; }

    /// <summary>Median over the answers of the mean time of a decode step; null where no such step was run.</summary>
    public double? DecodeMilliseconds { get; init; }

    /// <summary>Bytes of keys and values in memory after the context, of the last sample.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Bytes of the policy's indexes and memories beside the pages, after the last answer.</summary>
    public long IndexBytes { get; init; }

    /// <summary>Bytes in page files after the context, of the last sample.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Right answers and questions of each kind.</summary>
    public IReadOnlyDictionary<string, EvaluationShare> Kinds { get; init; } = new Dictionary<string, EvaluationShare>();

    /// <summary>Every answer, where asked for.</summary>
    public IReadOnlyList<EvaluationAnswer> Answers { get; init; } = [];
}

/// <summary>Part of a score.</summary>
/// <param name="Right">Right answers.</param>
/// <param name="Questions">Questions.</param>
internal readonly record struct EvaluationShare(int Right, int Questions);

/// <summary>Loss of the tokens at positions [From, To) of a text.</summary>
/// <param name="From">First position.</param>
/// <param name="To">One after the last.</param>
/// <param name="Tokens">Tokens that were predicted there.</param>
/// <param name="Loss">Mean negative natural logarithm of their probability.</param>
internal readonly record struct LossBucket(int From, int To, int Tokens, double Loss);
