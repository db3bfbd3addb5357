using System.Collections.Immutable;
using Actors.Attention;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.KvCache;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>Gathers what the tokens of one answer read, and writes it as a receipt in terms of items and their text. One flow uses it.</summary>
/// <param name="model">Says which text tokens are.</param>
/// <param name="turnId">Name of the turn.</param>
/// <param name="policy">Attention policy of the turn.</param>
/// <param name="end">First token that is not ranked: where the question begins.</param>
internal sealed class ReceiptRecorder(SessionModel model, string turnId, string policy, int end)
{
    /// <summary>Tokens that the engine names for each token of an answer.</summary>
    public const int NamedTokens = 64;

    /// <summary>Most tokens at the end of the prompt that count as the question; what stands before them in a long message is ranked.</summary>
    public const int QuestionTokens = KvLayout.PageTokens;

    private const int ShownReads = 8, MostTokens = 1024, MostPages = 64, MostSpans = 16;

    // Neighbours of the most read token that drew at least this part of what it drew are shown with it.
    private const float FocusPart = 0.25f;

    private readonly AnswerReadings _readings = new(end);
    private readonly ImmutableArray<ReceiptToken>.Builder _tokens = ImmutableArray.CreateBuilder<ReceiptToken>();

    /// <summary>Tokens so far.</summary>
    public int Count => _readings.Count;

    public void Add(EngineEvent.Token token)
    {
        if (token.Receipt is not { } receipt) return;
        _readings.Add(receipt);
        if (_tokens.Count == MostTokens) return;
        _tokens.Add(new ReceiptToken
        {
            Text = model.TextOf(token.Id),
            Position = receipt.Position,
            Read = [.. receipt.Read.Take(ShownReads).Select(read => new ReceiptRead { Position = read.Position, Mass = read.Mass, Greatest = read.Greatest })],
        });
    }

    /// <summary>The receipt.</summary>
    /// <param name="records">The journal of the session, in order.</param>
    public TurnReceipt Build(IEnumerable<JournalEntry> records)
    {
        IReadOnlyList<PageReading> pages = _readings.Rank(MostPages);
        int[] read = [.. pages.SelectMany(page => page.Tokens).Select(token => token.Position).Order()];
        IReadOnlyList<HistoryItem> items = HistoryItems.Read(records, (first, stop) => Holds(read, first, stop));
        List<ReceiptSpan> spans = [.. pages.SelectMany(page => SpansOf(page, items)).OrderByDescending(span => span.Share).ThenBy(span => span.FirstToken)];
        double total = Math.Max(spans.Sum(span => span.Share), double.Epsilon);
        spans = [.. spans.Select((span, i) => span with { Rank = i + 1, Share = span.Share / total })];
        AttentionReceipt mean = _readings.Mean;
        return new TurnReceipt
        {
            TurnId = turnId,
            Policy = policy,
            AnswerTokens = _readings.Count,
            Zones = new ReceiptZones { Sinks = mean.SinkMass, Window = mean.WindowMass, Memory = mean.MemoryMass, Summaries = mean.SummaryMass },
            Spans = [.. spans.Take(MostSpans)],
            Items =
            [
                .. spans.GroupBy(span => (span.Item, span.Role))
                    .Select(group => new ReceiptItem { Item = group.Key.Item, Role = group.Key.Role, Share = group.Sum(span => span.Share), Mass = group.Sum(span => span.Mass) })
                    .OrderByDescending(item => item.Share).ThenBy(item => item.Item),
            ],
            Tokens = _tokens.ToImmutable(),
        };
    }

    private IEnumerable<ReceiptSpan> SpansOf(PageReading page, IReadOnlyList<HistoryItem> items)
    {
        double weight = Math.Max(page.Tokens.Sum(token => token.Weight), double.Epsilon);
        int first = page.Page * KvLayout.PageTokens, stop = first + KvLayout.PageTokens;
        for (int i = FindItem(items, first); i < items.Count && items[i].FirstToken < stop; i++)
        {
            HistoryItem item = items[i];
            if (item.Tokens.Length == 0) continue;
            (int start, int finish) = (Math.Max(first, item.FirstToken), Math.Min(stop, item.EndToken));
            TokenReading[] tokens = [.. page.Tokens.Where(token => token.Position >= start && token.Position < finish)];
            ItemText text = new(item, model);
            // Marks of the chat template say nothing that an answer could come from.
            tokens = [.. tokens.Where(token => text.Of(token.Position, token.Position + 1) is not null)];
            if (tokens.Length == 0 || text.Of(start, finish) is not { } span) continue;
            yield return new ReceiptSpan
            {
                Share = page.Share * tokens.Sum(token => token.Weight) / weight,
                Mass = tokens.Sum(token => token.Mass) / _readings.Count,
                Item = i,
                Role = item.Role,
                Page = page.Page,
                FirstToken = start,
                EndToken = finish,
                Start = span.Start,
                End = span.End,
                Text = span.Text,
                Focus = FocusOf(tokens, text),
            };
        }
    }

    private static string FocusOf(TokenReading[] tokens, ItemText text)
    {
        int best = 0;
        for (int i = 1; i < tokens.Length; i++)
            if ((tokens[i].Weight, tokens[i].Greatest).CompareTo((tokens[best].Weight, tokens[best].Greatest)) > 0) best = i;

        bool Belongs(int i, int neighbour) => tokens[i].Greatest >= FocusPart * tokens[best].Greatest && Math.Abs(tokens[i].Position - tokens[neighbour].Position) == 1;
        int first = best, last = best;
        while (first > 0 && Belongs(first - 1, first)) first--;
        while (last < tokens.Length - 1 && Belongs(last + 1, last)) last++;
        return text.Of(tokens[first].Position, tokens[last].Position + 1)?.Text ?? "";
    }

    private static bool Holds(int[] positions, int first, int stop)
    {
        int index = Array.BinarySearch(positions, first);
        if (index < 0) index = ~index;
        return index < positions.Length && positions[index] < stop;
    }

    // The first item that ends after a token.
    private static int FindItem(IReadOnlyList<HistoryItem> items, int token)
    {
        (int low, int high) = (0, items.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (items[middle].EndToken <= token) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
