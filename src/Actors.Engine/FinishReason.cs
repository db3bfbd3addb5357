namespace Actors.Engine;

/// <summary>Why a turn ended.</summary>
public enum FinishReason
{
    /// <summary>The turn asked for no new tokens: all its input was computed.</summary>
    Ingested,

    /// <summary>The model sampled an end token, one of the turn's stop tokens, or text that holds a stop string.</summary>
    Stop,

    /// <summary><see cref="EngineTurn.MaxNewTokens"/> were generated.</summary>
    Length,
}
