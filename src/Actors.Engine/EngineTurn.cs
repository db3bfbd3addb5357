using Actors.Attention;
using Actors.Models;

namespace Actors.Engine;

/// <summary>One piece of work on a sequence: tokens to take in, then tokens to generate. Immutable.</summary>
public sealed record EngineTurn
{
    /// <summary>Tokens to append to the sequence before anything is generated.</summary>
    /// <value>May be empty when the sequence still has tokens to compute, or was given input before. Default empty.</value>
    public ReadOnlyMemory<int> Input { get; init; }

    /// <summary>Most tokens to generate.</summary>
    /// <value>Tokens, 0 or more; 0 takes the input in and generates nothing. Default 0.</value>
    public int MaxNewTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tokens that end the turn in addition to the model's own end tokens. They always count, also under <see cref="IgnoreEnd"/>.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Treats the model's own end tokens as ordinary tokens, so that exactly <see cref="MaxNewTokens"/> are generated.</summary>
    public bool IgnoreEnd { get; init; }

    /// <summary>
    /// Tokens at the end of the context, <see cref="Input"/> included, that are the beginning of this answer: it was interrupted and goes on.
    /// Penalties, the seeded random sequence and stop strings then continue as if it had not been. Their text is not given again.
    /// </summary>
    /// <value>Tokens, 0 or more. Default 0.</value>
    public int AnswerSoFar { get; init; }

    /// <summary>Input positions that are answered with an <see cref="EngineEvent.Logits"/>.</summary>
    public LogitRows Logits { get; init; }

    /// <summary>Tokens that each generated token names in its <see cref="EngineEvent.Token.Receipt"/>: those that drew the most in a single head.</summary>
    /// <value>0 to 4,096; 0 makes no receipts and costs nothing. Default 0.</value>
    public int ReceiptTokens { get; init; }

    /// <summary>Runs of tokens whose attention is scaled while this turn is computed.</summary>
    /// <value>Null for none. Default null.</value>
    public SpanWeights? Spans { get; init; }

    internal bool NeedsLogits => MaxNewTokens > 0 || Logits != LogitRows.None;

    /// <summary>Throws when the turn contradicts itself or the model.</summary>
    internal void ThrowIfInvalid(LoadedModel model)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxNewTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(AnswerSoFar);
        ArgumentOutOfRangeException.ThrowIfNegative(ReceiptTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReceiptTokens, 4096);
        if (!Enum.IsDefined(Logits))
            throw new ArgumentOutOfRangeException(nameof(Logits), Logits, "Logits must be None, Last or All.");
        Spans?.ThrowIfInvalid();
        model.CheckTokens(Input.Span, nameof(Input));
        IReadOnlyList<string> failures = Sampling.Validate(model.Backend.Shape.VocabularySize);
        if (failures.Count > 0)
            throw new ArgumentException("The sampling options are not usable: " + string.Join(" ", failures), nameof(Sampling));
        if (Sampling.Stop.Count > 0 && !model.HasTokenizer)
            throw new ArgumentException("Stop strings need a model with a tokenizer; use StopTokens.", nameof(Sampling));
    }
}
