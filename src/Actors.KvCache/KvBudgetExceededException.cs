namespace Actors.KvCache;

/// <summary>A sequence without a page store needs more pages than the KV budget can ever hold.</summary>
public sealed class KvBudgetExceededException : InvalidOperationException
{
    internal KvBudgetExceededException(int tokens, int pages, int limitPages, long budgetBytes)
        : base($"The sequence needs {pages} pages for {tokens} tokens, but the KV budget of {budgetBytes} bytes holds {limitPages} pages "
            + "in memory and the sequence has no page store to spill to. Use a named session, shorten the input, or raise the KV budget.")
    {
        Tokens = tokens;
    }

    /// <summary>Tokens that the sequence would have had.</summary>
    public int Tokens { get; }
}
