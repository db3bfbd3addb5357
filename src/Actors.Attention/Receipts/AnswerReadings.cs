using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Gathers the receipts of an answer's tokens and says which places of the context the answer came from. Bounded by the tokens that receipts name; not thread-safe.
/// </summary>
/// <remarks>
/// For each generated token a page weighs the square of the greatest share that a single head gave to one of its tokens; over the answer these are summed. The few heads that
/// look something up give most of their attention to one place, so one full look counts for more than many glances, and what every head always sees a little of does not count at all.
/// The first tokens, which draw attention whatever they say (arXiv:2309.17453), and everything from the question on are left out.
/// </remarks>
/// <param name="end">First token of the question: it and what follows are not ranked.</param>
public sealed class AnswerReadings(int end)
{
    /// <summary>First tokens of a sequence that are not ranked.</summary>
    public const int SinkTokens = 4;

    private readonly Dictionary<int, TokenReading> _tokens = [];
    private double _sinks, _window, _memory, _summary;

    /// <summary>Receipts so far.</summary>
    public int Count { get; private set; }

    /// <summary>Mean over the receipts of their masses by zone; without the tokens.</summary>
    public AttentionReceipt Mean => new(-1, [], Share(_sinks), Share(_window), Share(_memory), Share(_summary));

    /// <summary>Adds the receipt of the next token.</summary>
    /// <param name="receipt">What its query read.</param>
    public void Add(AttentionReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        Count++;
        (_sinks, _window, _memory, _summary) = (_sinks + receipt.SinkMass, _window + receipt.WindowMass, _memory + receipt.MemoryMass, _summary + receipt.SummaryMass);
        HashSet<int> pages = [];
        foreach (ReadToken read in receipt.Read)
        {
            if (read.Position < SinkTokens || read.Position >= end)
                continue;
            TokenReading reading = _tokens.GetValueOrDefault(read.Position);
            // Tokens come by their greatest share, so the first one of a page is the page's.
            double weight = pages.Add(read.Position / KvLayout.PageTokens) ? read.Greatest * read.Greatest : 0;
            _tokens[read.Position] = new(read.Position, reading.Weight + weight, reading.Mass + read.Mass, Math.Max(reading.Greatest, read.Greatest));
        }
    }

    /// <summary>Pages by what the answer took from them, the most first.</summary>
    /// <param name="most">Most pages to return.</param>
    /// <returns>Pages that hold a token which was read; their shares sum to at most 1.</returns>
    public IReadOnlyList<PageReading> Rank(int most)
    {
        double total = _tokens.Values.Sum(token => token.Weight);
        return
        [
            .. _tokens.Values.GroupBy(token => token.Position / KvLayout.PageTokens)
                .Select(page => new PageReading(
                    page.Key, total > 0 ? page.Sum(token => token.Weight) / total : 0, page.Sum(token => token.Mass) / Count, [.. page.OrderBy(token => token.Position)]))
                .OrderByDescending(page => page.Share).ThenBy(page => page.Page).Take(most),
        ];
    }

    private float Share(double sum) => Count == 0 ? 0 : (float)(sum / Count);
}
