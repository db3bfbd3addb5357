using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Runs of keys at true positions.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Reads the window of a view.</summary>
    public void ReadWindow(AttentionView view)
    {
        int end = _firstPosition + Tokens, window = view == AttentionView.Dense || view.Distant ? int.MaxValue : _firstPosition + 1 - view.WindowStart;
        for (int from = view.WindowStart; from < end;)
        {
            int to = Math.Min(end, (from / RangeTokens * RangeTokens) + RangeTokens);
            ReadTrue(from, to, window, null);
            from = to;
        }
    }

    /// <summary>Reads the sinks of a view where it places them.</summary>
    public void ReadSinks(AttentionView view)
    {
        if (view.SinkTokens == 0)
            return;
        if (view.Sinks != SinkPlacement.Constant)
        {
            ReadTrue(0, view.SinkTokens, int.MaxValue, view.Sinks == SinkPlacement.Slots ? view.Distance : null);
            return;
        }
        Span<int> groups = stackalloc int[view.SinkTokens / KvLayout.GroupTokens];
        for (int i = 0; i < groups.Length; i++)
            groups[i] = i;
        ReadUnroped(groups, view.Distance);
    }

    /// <summary>Reads keys [start, end) at true positions in one softmax and merges it into the result.</summary>
    /// <param name="start">First key.</param>
    /// <param name="end">End of the keys; rows see no key after themselves.</param>
    /// <param name="windowTokens">Keys that a row sees at most, itself included.</param>
    /// <param name="queryPosition">Position of all queries, null for their own.</param>
    public void ReadTrue(int start, int end, int windowTokens, int? queryPosition)
    {
        Begin();
        RotaryTables tables = _rope.Tables;
        Span<float> inSegment = _scratch.InSegment, rotated = _scratch.Rotated;
        for (int row = 0; row < _rows; row++)
            tables.RotateInSegment(Query(row), queryPosition ?? Position(row), inSegment.Slice(row * _headDim, _headDim));
        int segment = -1;
        for (int page = start / KvLayout.PageTokens; page * KvLayout.PageTokens < end; page++)
        {
            int tileStart = page * KvLayout.PageTokens;
            if (tileStart / RotaryTables.SegmentTokens != segment)
            {
                segment = tileStart / RotaryTables.SegmentTokens;
                for (int row = 0; row < _rows; row++)
                {
                    int distance = ((queryPosition ?? Position(row)) / RotaryTables.SegmentTokens) - segment;
                    if (distance >= 0)
                        tables.RotateSegments(inSegment.Slice(row * _headDim, _headDim), distance, rotated.Slice(row * _headDim, _headDim));
                }
            }
            ReadPage(page, Math.Max(start - tileStart, 0), Math.Min(end - tileStart, KvLayout.PageTokens), windowTokens, tables);
        }
        Finish();
        Count((long)Math.Max(end - start, 0) * _rows, (end - start + KvLayout.PageTokens - 1) / KvLayout.PageTokens);
    }

    /// <summary>Adds to each key of the window what share of attention it drew from the block's queries. Follows the window's reading.</summary>
    /// <param name="start">First key of the window.</param>
    /// <param name="end">End of the keys.</param>
    /// <param name="received">Where the shares are summed.</param>
    public void AddReceived(int start, int end, ReceivedAttention received)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
            tables.RotateInSegment(Query(row), Position(row), _scratch.InSegment.AsSpan(row * _headDim, _headDim));
        for (int page = start / KvLayout.PageTokens; page * KvLayout.PageTokens < end; page++)
        {
            int tileStart = page * KvLayout.PageTokens;
            for (int row = 0; row < _rows; row++)
            {
                int distance = (Position(row) / RotaryTables.SegmentTokens) - (tileStart / RotaryTables.SegmentTokens);
                if (distance >= 0)
                    tables.RotateSegments(_scratch.InSegment.AsSpan(row * _headDim, _headDim), distance, _scratch.Rotated.AsSpan(row * _headDim, _headDim));
            }
            int tokens = Math.Min(end - tileStart, KvLayout.PageTokens);
            LoadRotatedKeys(_table.Page(page), tileStart, 0, tokens, tables);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            for (int token = Math.Max(start - tileStart, 0); token < tokens; token++)
            {
                float share = 0;
                for (int row = Math.Max(tileStart + token - _firstPosition, 0) * _groupSize; row < _rows; row++)
                    share += MathF.Exp(_scratch.Weights[(row * KeyTile.Tokens) + token] - _scratch.TotalLse[row]);
                received.Add(tileStart + token, share);
            }
        }
    }

    // Keys [first, end) of one page at true positions.
    private void ReadPage(int page, int first, int end, int windowTokens, RotaryTables tables)
    {
        int tileStart = page * KvLayout.PageTokens;
        // Rows see a key when it is not after them and inside their window, so the rows that see some key of the page are one run.
        int rowsFrom = Math.Max(tileStart + first - _firstPosition, 0) * _groupSize;
        long lastSeeing = (long)tileStart + end - 1 + windowTokens - 1 - _firstPosition;
        int rowsTo = (int)Math.Min((lastSeeing + 1) * _groupSize, _rows);
        if (rowsFrom >= rowsTo)
            return;
        ReadOnlySpan<byte> bytes = _table.Page(page);
        LoadRotatedKeys(bytes, tileStart, first, end, tables);
        ValueTile.Widen(_element, bytes[_layout.ValuesOffset(_valueLayer, _head)..], _headDim, 0, end, end + (end & 1), _scratch.Values);
        int rows = rowsTo - rowsFrom;
        ScoreKernel.Score(_scratch.Rotated.AsSpan(rowsFrom * _headDim), _scratch.Keys, rows, _headDim, _scratch.Weights);
        for (int i = 0; i < rows; i++)
        {
            int row = rowsFrom + i, position = Position(row);
            int from = (int)Math.Max(first, (long)position + 1 - windowTokens - tileStart), to = Math.Min(end, position + 1 - tileStart);
            if (from < to)
            {
                Span<float> seen = _scratch.Weights.AsSpan((i * KeyTile.Tokens) + from, to - from);
                _scratch.Bias?.Apply(row, tileStart + from, seen);
                _scratch.Record?.Add(row, tileStart + from, seen);
            }
            _scratch.Factors[i] = SoftmaxKernel.Step(_scratch.Weights.AsSpan(i * KeyTile.Tokens, KeyTile.Tokens), from, to, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
        }
        ValueKernel.Accumulate(_scratch.Weights, _scratch.Values, _scratch.Factors, rows, end, _stride, _scratch.Sums.AsSpan(rowsFrom * _stride));
    }

    // Keys [first, end) of a page, each turned by its offset in its segment.
    private void LoadRotatedKeys(ReadOnlySpan<byte> page, int tileStart, int first, int end, RotaryTables tables)
    {
        for (int slot = first / KvLayout.GroupTokens; slot * KvLayout.GroupTokens < end; slot++)
        {
            int angle = (tileStart % RotaryTables.SegmentTokens / KvLayout.GroupTokens) + slot;
            KeyTile.WidenRotated(_element, page[_layout.KeysOffset(_layer, _head, slot)..], _headDim, slot, tables.KeyCos(angle), tables.KeySin(angle), _scratch.Keys);
        }
    }
}
