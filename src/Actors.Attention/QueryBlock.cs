using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Attention of the rows of one query block that share a KV head: token rows times the query heads of the group, row = token * groupSize +
/// head. Keys are read tile by tile (64 tokens) in a fixed order into a running softmax; parts with their own softmax (key ranges, distant
/// keys) are merged by their LSE in a fixed order. A row's bits depend on its position and on the keys alone.
/// </summary>
internal readonly ref struct QueryBlock
{
    private readonly AttentionScratch _scratch;
    private readonly PageTable _table;
    private readonly KvLayout _layout;
    private readonly KvElement _element;
    private readonly RotaryEmbedding _rope;
    private readonly int _layer;
    private readonly int _head;
    private readonly int _groupSize;
    private readonly int _firstPosition;
    private readonly int _rows;
    private readonly int _headDim;
    private readonly int _stride;

    public QueryBlock(
        AttentionScratch scratch, PageTable table, KvElement element, RotaryEmbedding rope, AttentionShape shape, int layer, int head, int firstPosition, int tokens)
    {
        _scratch = scratch;
        _table = table;
        _layout = table.Layout;
        _element = element;
        _rope = rope;
        _layer = layer;
        _head = head;
        _groupSize = shape.GroupSize;
        _firstPosition = firstPosition;
        _rows = tokens * shape.GroupSize;
        _headDim = shape.HeadDim;
        _stride = ValueTile.Stride(shape.HeadDim);
    }

    public int Rows => _rows;

    public int Tokens => _rows / _groupSize;

    public ReadOnlySpan<float> Lse => _scratch.TotalLse.AsSpan(0, _rows);

    /// <summary>Takes the queries over, scaled by 1/sqrt(headDim), and starts with an empty result.</summary>
    /// <param name="queries">[tokens, queryHeads, headDim] of the block.</param>
    /// <param name="queryHeads">Query heads of the model.</param>
    public void Load(ReadOnlySpan<float> queries, int queryHeads)
    {
        float scale = 1f / MathF.Sqrt(_headDim);
        for (int row = 0; row < _rows; row++)
        {
            int source = ((row / _groupSize * queryHeads) + (_head * _groupSize) + (row % _groupSize)) * _headDim;
            for (int i = 0; i < _headDim; i++)
                _scratch.Queries[(row * _headDim) + i] = queries[source + i] * scale;
        }
        Clear();
    }

    /// <summary>Empties the result.</summary>
    public void Clear()
    {
        _scratch.TotalSums.AsSpan(0, _rows * _stride).Clear();
        _scratch.TotalLse.AsSpan(0, _rows).Fill(float.NegativeInfinity);
    }

    /// <summary>Reads keys [start, end) at true positions in one softmax and merges it into the result.</summary>
    /// <param name="start">First key.</param>
    /// <param name="end">End of the keys; rows see no key after themselves.</param>
    /// <param name="windowTokens">Keys that a row sees at most, itself included.</param>
    /// <param name="queryPosition">Position of all queries, null for their own.</param>
    /// <returns>Keys read.</returns>
    public int ReadTrue(int start, int end, int windowTokens, int? queryPosition)
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
        return end - start;
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

    /// <summary>Reads whole groups un-roped, all at one distance from the queries, in one softmax, and merges it into the result.</summary>
    /// <param name="groups">16-token groups.</param>
    /// <param name="distance">Tokens between query and keys.</param>
    public void ReadUnroped(ReadOnlySpan<int> groups, int distance)
    {
        if (groups.IsEmpty)
            return;
        Begin();
        RotateTo(distance);
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            LoadKeys(tile);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            Accumulate(tile);
        }
        Finish();
    }

    /// <summary>Scores whole groups un-roped and keeps the scores for <see cref="ReadScored"/>. Follows <see cref="RotateTo"/>.</summary>
    /// <param name="groups">16-token groups.</param>
    /// <param name="sinks">Leading groups that are read anyway and do not count for <paramref name="rowBest"/>.</param>
    /// <param name="offsets">[rows], what a row's scores are measured against.</param>
    /// <param name="groupScores">Written: each group's best score over rows and tokens, less the row's offset.</param>
    /// <param name="rowBest">[rows], written: each row's best score over groups and tokens, less its offset.</param>
    public void Score(ReadOnlySpan<int> groups, int sinks, ReadOnlySpan<float> offsets, Span<float> groupScores, Span<float> rowBest)
    {
        groupScores[..groups.Length].Fill(float.NegativeInfinity);
        rowBest.Fill(float.NegativeInfinity);
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            LoadKeys(tile);
            Prefetch(groups, i + 4);
            Span<float> scores = _scratch.BeamScores.AsSpan(i / 4 * _rows * KeyTile.Tokens, _rows * KeyTile.Tokens);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, scores);
            for (int row = 0; row < _rows; row++)
            {
                for (int slot = 0; slot < tile.Length; slot++)
                {
                    float best = SoftmaxKernel.LargestOf16(scores[((row * KeyTile.Tokens) + (slot * KeyTile.GroupTokens))..]) - offsets[row];
                    groupScores[i + slot] = MathF.Max(groupScores[i + slot], best);
                    if (i + slot >= sinks)
                        rowBest[row] = MathF.Max(rowBest[row], best);
                }
            }
        }
    }

    /// <summary>Reads some of the groups that <see cref="Score"/> scored, in one softmax, and merges it into the result.</summary>
    /// <param name="scored">The groups given to <see cref="Score"/>.</param>
    /// <param name="kept">Indices into <paramref name="scored"/>, ascending.</param>
    public void ReadScored(ReadOnlySpan<int> scored, ReadOnlySpan<int> kept)
    {
        Begin();
        Span<int> groups = stackalloc int[4];
        for (int i = 0; i < kept.Length; i += 4)
        {
            int count = Math.Min(4, kept.Length - i);
            for (int slot = 0; slot < count; slot++)
            {
                int source = kept[i + slot];
                groups[slot] = scored[source];
                for (int row = 0; row < _rows; row++)
                {
                    _scratch.BeamScores.AsSpan((((source / 4 * _rows) + row) * KeyTile.Tokens) + (source % 4 * KeyTile.GroupTokens), KeyTile.GroupTokens)
                        .CopyTo(_scratch.Weights.AsSpan((row * KeyTile.Tokens) + (slot * KeyTile.GroupTokens)));
                }
            }
            Accumulate(groups[..count]);
        }
        Finish();
    }

    /// <summary>Queries at one distance from un-roped keys; the scale that a key at position 0 would carry is folded into the query.</summary>
    public void RotateTo(int distance)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
        {
            Span<float> rotated = _scratch.Rotated.AsSpan(row * _headDim, _headDim);
            tables.RotateInSegment(Query(row), distance, rotated);
            tables.RotateSegments(rotated, distance / RotaryTables.SegmentTokens, rotated);
            if (_rope.AttentionScale != 1f)
                System.Numerics.Tensors.TensorPrimitives.Multiply(rotated, _rope.AttentionScale, rotated);
        }
    }

    /// <summary>Writes the result.</summary>
    /// <param name="output">[tokens, queryHeads, headDim] of the block.</param>
    /// <param name="queryHeads">Query heads of the model.</param>
    public void Store(Span<float> output, int queryHeads)
    {
        for (int row = 0; row < _rows; row++)
        {
            int target = ((row / _groupSize * queryHeads) + (_head * _groupSize) + (row % _groupSize)) * _headDim;
            _scratch.TotalSums.AsSpan(row * _stride, _headDim).CopyTo(output[target..]);
        }
    }

    /// <summary>Copies the partial result out: per row headDim values and the LSE.</summary>
    public void StorePartial(Span<float> partial)
    {
        for (int row = 0; row < _rows; row++)
        {
            Span<float> target = partial.Slice(row * (_headDim + 1), _headDim + 1);
            _scratch.TotalSums.AsSpan(row * _stride, _headDim).CopyTo(target);
            target[_headDim] = _scratch.TotalLse[row];
        }
    }

    /// <summary>Merges a partial result of <see cref="StorePartial"/>.</summary>
    public void MergePartial(ReadOnlySpan<float> partial)
    {
        for (int row = 0; row < _rows; row++)
        {
            ReadOnlySpan<float> source = partial.Slice(row * (_headDim + 1), _headDim + 1);
            AttentionState.Merge(_scratch.TotalSums.AsSpan(row * _stride, _headDim), ref _scratch.TotalLse[row], source[.._headDim], source[_headDim]);
        }
    }

    private ReadOnlySpan<float> Query(int row) => _scratch.Queries.AsSpan(row * _headDim, _headDim);

    private int Position(int row) => _firstPosition + (row / _groupSize);

    private void Begin()
    {
        _scratch.Sums.AsSpan(0, _rows * _stride).Clear();
        _scratch.Maxima.AsSpan(0, _rows).Fill(float.NegativeInfinity);
        _scratch.Denominators.AsSpan(0, _rows).Clear();
    }

    private void Finish()
    {
        for (int row = 0; row < _rows; row++)
        {
            if (_scratch.Denominators[row] <= 0)
                continue; // saw no key
            Span<float> sums = _scratch.Sums.AsSpan(row * _stride, _headDim);
            System.Numerics.Tensors.TensorPrimitives.Multiply(sums, 1f / _scratch.Denominators[row], sums);
            float lse = _scratch.Maxima[row] + MathF.Log(_scratch.Denominators[row]);
            AttentionState.Merge(_scratch.TotalSums.AsSpan(row * _stride, _headDim), ref _scratch.TotalLse[row], sums, lse);
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
        ValueTile.Widen(_element, bytes[_layout.ValuesOffset(_layer, _head)..], _headDim, 0, end, end + (end & 1), _scratch.Values);
        int rows = rowsTo - rowsFrom;
        ScoreKernel.Score(_scratch.Rotated.AsSpan(rowsFrom * _headDim), _scratch.Keys, rows, _headDim, _scratch.Weights);
        for (int i = 0; i < rows; i++)
        {
            int row = rowsFrom + i, position = Position(row);
            int from = (int)Math.Max(first, (long)position + 1 - windowTokens - tileStart), to = Math.Min(end, position + 1 - tileStart);
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

    // The keys of the next tile, while this one is being scored.
    private void Prefetch(ReadOnlySpan<int> groups, int from)
    {
        int bytes = KvLayout.GroupTokens * _headDim * _layout.ElementBytes;
        for (int i = from; i < Math.Min(from + 4, groups.Length); i++)
        {
            int page = groups[i] / KvLayout.GroupsPerPage;
            if (_table.IsResident(page))
                CacheHint.Fetch(_table.Page(page).Slice(_layout.KeysOffset(_layer, _head, groups[i] % KvLayout.GroupsPerPage), bytes));
        }
    }

    private void LoadKeys(ReadOnlySpan<int> groups)
    {
        for (int slot = 0; slot < groups.Length; slot++)
        {
            int group = groups[slot];
            ReadOnlySpan<byte> keys = _table.Keys(group / KvLayout.GroupsPerPage, _layer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
            KeyTile.Widen(_element, keys, _headDim, slot, _scratch.Keys);
        }
    }

    // The tile's scores stand in Weights; all of its tokens are visible to all rows.
    private void Accumulate(ReadOnlySpan<int> groups)
    {
        int tokens = groups.Length * KvLayout.GroupTokens;
        for (int slot = 0; slot < groups.Length; slot++)
        {
            int group = groups[slot];
            ReadOnlySpan<byte> values = _table.Values(group / KvLayout.GroupsPerPage, _layer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
            ValueTile.Widen(_element, values, _headDim, slot * KvLayout.GroupTokens, KvLayout.GroupTokens, KvLayout.GroupTokens, _scratch.Values);
        }
        for (int row = 0; row < _rows; row++)
            _scratch.Factors[row] = SoftmaxKernel.Step(_scratch.Weights.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens), 0, tokens, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
        ValueKernel.Accumulate(_scratch.Weights, _scratch.Values, _scratch.Factors, _rows, tokens, _stride, _scratch.Sums);
    }
}
