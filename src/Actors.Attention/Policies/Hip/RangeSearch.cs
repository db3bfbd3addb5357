using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Finds tokens by halving ranges. Working memory of one worker.</summary>
internal sealed class RangeSearch
{
    private static readonly int[] StageTokens = [256, 32, 8], StageBudgets = [16, 4, 1];

    // Ranges [start, end) of tokens, ascending, and the rank of what speaks for each.
    private int[] _starts = [], _ends = [], _best = [], _tokens = [], _asked = [], _highs = [];
    private float[] _ranks = [], _answers = [];
    private int _count;

    /// <summary>Finds tokens between sinks and window for rows that choose together.</summary>
    /// <param name="block">The queries, rotated for the view.</param>
    /// <param name="view">The view.</param>
    /// <param name="row">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="options">Budget and kind of search.</param>
    /// <returns>Tokens, ascending; valid until the next call.</returns>
    public ReadOnlySpan<int> Find(in QueryBlock block, AttentionView view, int row, int rows, HipOptions options)
    {
        int first = view.SinkTokens, end = view.WindowStart;
        bool sum = options.Heads == HeadChoice.Sum;
        _count = 0;
        if (end - first <= options.BudgetTokens)
            Add(first, end);
        else if (options.Search == HipSearchKind.Halving)
            Halve(block, view, row, rows, sum, first, end, options.BlockTokens, options.BudgetTokens / options.BlockTokens);
        else
            Narrow(block, view, row, rows, sum, first, end, options.BudgetTokens);
        int tokens = 0;
        for (int i = 0; i < _count; i++)
        {
            for (int token = _starts[i]; token < _ends[i]; token++)
                Put(ref _tokens, tokens++, token);
        }
        return _tokens.AsSpan(0, tokens);
    }

    // Every round halves all ranges and keeps as many halves as there were ranges, until each is one block. A left half begins as the whole did, so only right halves are asked.
    private void Halve(in QueryBlock block, AttentionView view, int row, int rows, bool sum, int first, int end, int blockTokens, int ranges)
    {
        long blocks = (end - first) / blockTokens;
        for (int i = 0; i < ranges; i++)
            Add(first + ((int)(blocks * i / ranges) * blockTokens), first + ((int)(blocks * (i + 1) / ranges) * blockTokens));
        _ranks.AsSpan(0, _count).Fill(float.NaN);
        AskNew(block, view, row, rows, sum, blockTokens);
        while (true)
        {
            int before = _count, splits = 0;
            for (int i = 0; i < before; i++)
                splits += _ends[i] - _starts[i] > blockTokens ? 1 : 0;
            if (splits == 0)
                return;
            Reserve(before + splits);
            for (int i = before - 1, to = before + splits - 1; i >= 0; i--)
            {
                int length = (_ends[i] - _starts[i]) / blockTokens;
                if (length > 1)
                {
                    int middle = _starts[i] + ((length + 1) / 2 * blockTokens);
                    (_starts[to], _ends[to], _ranks[to]) = (middle, _ends[i], float.NaN);
                    (_starts[to - 1], _ends[to - 1], _ranks[to - 1]) = (_starts[i], middle, _ranks[i]);
                    to -= 2;
                }
                else
                {
                    (_starts[to], _ends[to], _ranks[to]) = (_starts[i], _ends[i], _ranks[i]);
                    to--;
                }
            }
            _count = before + splits;
            AskNew(block, view, row, rows, sum, blockTokens);
            Keep(ranges);
        }
    }

    private void Narrow(in QueryBlock block, AttentionView view, int row, int rows, bool sum, int first, int end, int budget)
    {
        Add(first, end);
        for (int stage = 0; stage < StageTokens.Length; stage++)
        {
            int tokens = StageTokens[stage];
            Cut(tokens);
            if ((long)_count * tokens > (long)budget * StageBudgets[stage])
            {
                Descend(block, view, row, rows, sum);
                Keep(budget * StageBudgets[stage] / tokens);
            }
        }
    }

    // Cuts all ranges into pieces.
    private void Cut(int tokens)
    {
        int before = _count, pieces = 0;
        for (int i = 0; i < before; i++)
            pieces += (_ends[i] - _starts[i] + tokens - 1) / tokens;
        Reserve(pieces);
        for (int i = before - 1, to = pieces; i >= 0; i--)
        {
            int start = _starts[i], end = _ends[i];
            for (int piece = (end - start + tokens - 1) / tokens - 1; piece >= 0; piece--)
                (_starts[--to], _ends[to]) = (start + (piece * tokens), Math.Min(start + ((piece + 1) * tokens), end));
        }
        _count = pieces;
    }

    // Walks inside each range to one token, at each halving into the half whose first token ranks higher.
    private void Descend(in QueryBlock block, AttentionView view, int row, int rows, bool sum)
    {
        Span<int> low = Room(ref _asked, _count), high = Room(ref _highs, _count), middle = Room(ref _best, _count);
        Span<float> answers = Room(ref _answers, _count);
        int longest = 0;
        for (int i = 0; i < _count; i++)
        {
            (low[i], high[i]) = (_starts[i], _ends[i]);
            longest = Math.Max(longest, _ends[i] - _starts[i]);
        }
        block.RankTokens(low, view, row, rows, sum, _ranks);
        for (; longest > 1; longest = (longest + 1) / 2)
        {
            for (int i = 0; i < _count; i++)
                middle[i] = high[i] - low[i] > 1 ? low[i] + ((high[i] - low[i] + 1) / 2) : low[i];
            block.RankTokens(middle, view, row, rows, sum, answers);
            for (int i = 0; i < _count; i++)
            {
                if (answers[i] > _ranks[i])
                    (low[i], _ranks[i]) = (middle[i], answers[i]);
                else if (middle[i] > low[i])
                    high[i] = middle[i];
            }
        }
    }

    // Ranks the ranges that have no rank yet by the tokens of their first block.
    private void AskNew(in QueryBlock block, AttentionView view, int row, int rows, bool sum, int blockTokens)
    {
        int asked = 0;
        for (int i = 0; i < _count; i++)
        {
            for (int token = 0; float.IsNaN(_ranks[i]) && token < blockTokens; token++)
                Put(ref _asked, asked++, _starts[i] + token);
        }
        Span<float> answers = Room(ref _answers, asked);
        block.RankTokens(_asked.AsSpan(0, asked), view, row, rows, sum, answers);
        asked = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!float.IsNaN(_ranks[i]))
                continue;
            _ranks[i] = TensorPrimitives.Max<float>(answers.Slice(asked, blockTokens));
            asked += blockTokens;
        }
    }

    private void Keep(int count)
    {
        int kept = TopK.Select(_ranks.AsSpan(0, _count), count, Room(ref _best, Math.Min(count, _count)));
        for (int i = 0; i < kept; i++)
            (_starts[i], _ends[i], _ranks[i]) = (_starts[_best[i]], _ends[_best[i]], _ranks[_best[i]]);
        _count = kept;
    }

    private void Add(int start, int end)
    {
        Reserve(_count + 1);
        (_starts[_count], _ends[_count++]) = (start, end);
    }

    private void Reserve(int count)
    {
        if (_starts.Length >= count)
            return;
        Array.Resize(ref _starts, 2 * count);
        Array.Resize(ref _ends, 2 * count);
        Array.Resize(ref _ranks, 2 * count);
    }

    private static Span<T> Room<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new T[2 * length];
        return buffer.AsSpan(0, length);
    }

    private static void Put(ref int[] list, int at, int value)
    {
        if (at >= list.Length)
            Array.Resize(ref list, Math.Max(64, 2 * at));
        list[at] = value;
    }
}
