using Actors.Attention;
using Actors.Models;

namespace Actors.Engine;

/// <summary>What a running turn tells its caller, in order. The last event is <see cref="Finished"/>, or else the enumeration throws.</summary>
public abstract record EngineEvent
{
    private EngineEvent()
    {
    }

    /// <summary>A prefill chunk was computed.</summary>
    /// <param name="ComputedTokens">Tokens of this turn whose keys and values are there, cached ones included.</param>
    /// <param name="TotalTokens">Tokens that this turn has to bring there before it can generate.</param>
    /// <param name="CachedTokens">The part of <paramref name="ComputedTokens"/> that was found in an equal prefix and not computed.</param>
    public sealed record Progress(int ComputedTokens, int TotalTokens, int CachedTokens) : EngineEvent;

    /// <summary>
    /// A token was generated and is now part of the sequence. The token that ends a turn is not: it is only named by <see cref="Finished"/>.
    /// </summary>
    /// <param name="Id">The token.</param>
    /// <param name="Text">
    /// Text that became certain with this token. Empty while a character is incomplete or the text may begin a stop string: later events
    /// carry it then.
    /// </param>
    /// <param name="LogProbability">Natural logarithm of the model's own probability: before bias, penalties, temperature, filters.</param>
    /// <param name="Alternatives">The most probable tokens when the turn asked for them, else empty.</param>
    public sealed record Token(int Id, string Text, float LogProbability, IReadOnlyList<TokenLogProbability> Alternatives) : EngineEvent
    {
        /// <summary>What the query that chose the token read; null unless <see cref="EngineTurn.ReceiptTokens"/> asks for it.</summary>
        public AttentionReceipt? Receipt { get; init; }
    }

    /// <summary>Logits of one input position, see <see cref="EngineTurn.Logits"/>.</summary>
    /// <param name="Position">Index of the token in the sequence.</param>
    /// <param name="Values">Logits of the next token, [vocabulary]. A copy that belongs to the receiver.</param>
    public sealed record Logits(int Position, ReadOnlyMemory<float> Values) : EngineEvent;

    /// <summary>The turn is over and the sequence is free for the next one.</summary>
    /// <param name="Reason">Why it ended.</param>
    /// <param name="Text">Text that had been held back and belongs to the answer; often empty.</param>
    /// <param name="Usage">What the turn cost.</param>
    /// <param name="MatchedStop">The stop string that was found, if one was.</param>
    /// <param name="StopToken">The token that ended the turn, if one did. It is not part of the sequence.</param>
    public sealed record Finished(FinishReason Reason, string Text, EngineUsage Usage, string? MatchedStop, int? StopToken) : EngineEvent;
}
