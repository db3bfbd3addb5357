namespace Actors.Grains;

/// <summary>Limits and defaults of sessions.</summary>
public sealed class SessionGrainOptions
{
    /// <summary>Attention policy of sessions that name none.</summary>
    /// <value>Default <c>auto</c>.</value>
    public string DefaultPolicy { get; set; } = "auto";

    /// <summary>Longest answer when a request does not say.</summary>
    /// <value>Tokens, 1 or more. Default 512.</value>
    public int DefaultMaxNewTokens { get; set; } = 512;

    /// <summary>Most tokens that one session may hold.</summary>
    /// <value>Tokens, 64 or more. Default 100,000,000.</value>
    public int MaxSessionTokens { get; set; } = 100_000_000;

    /// <summary>Tokens of a long input after which pages are saved and the manifest is committed.</summary>
    /// <value>Tokens, 64 or more. Default 8192.</value>
    public int CheckpointTokens { get; set; } = 8192;

    /// <summary>Tokens by which the stored memory of an attention policy that has one may lag behind while the session is in use; so many are replayed from the pages after a crash.</summary>
    /// <value>Tokens, 0 or more. Default 8192.</value>
    public int MemoryTokens { get; set; } = 8192;

    /// <summary>Longest piece of bare text that is journaled at once.</summary>
    /// <value>Characters, 64 or more. Default 16,384.</value>
    public int PieceCharacters { get; set; } = 16_384;

    /// <summary>Whether every answer keeps a receipt, and not only those that are asked to.</summary>
    /// <value>Default false.</value>
    public bool RecordReceipts { get; set; }

    /// <summary>Turns of one session that may wait for the one that runs.</summary>
    /// <value>Turns, 0 or more. Default 8.</value>
    public int MaxWaitingPerSession { get; set; } = 8;

    /// <summary>Turns of all sessions that may run or wait in the engine.</summary>
    /// <value>Turns, 1 or more. Default 256.</value>
    public int MaxTurns { get; set; } = 256;
}
