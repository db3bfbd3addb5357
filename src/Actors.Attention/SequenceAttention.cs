using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Attention of one sequence: its policy, its pages and the index over its distant keys. Per layer of a step the owner thread writes the
/// chunk's keys and values into the page table, calls <see cref="TaskCount"/>, and lets any threads <see cref="Execute"/> the tasks;
/// after the last layer it commits the table and calls <see cref="OnCommitted"/>.
/// </summary>
/// <remarks>
/// Tasks and their results do not depend on the number of threads. A row's result does not depend on the chunk that it came in either,
/// except that rows of a chunk longer than one query block choose their distant groups together with the other rows of their block.
/// </remarks>
public sealed class SequenceAttention : IDisposable
{
    /// <summary>Keys of one softmax part; a long dense row is split at its multiples, so that decoding uses all threads.</summary>
    public const int RangeTokens = 2048;

    private readonly PageTable _table;
    private readonly RotaryEmbedding _rope;
    private readonly AttentionShape _shape;
    private readonly KvElement _element;
    private readonly KeyIndex[] _indexes; // [layers, kvHeads]
    private readonly ReceivedAttention[] _received; // [layers, kvHeads] when representatives are chosen, else empty
    private readonly int[] _unfinished;   // [kvHeads], ranges still running of a split row
    private float[] _partials = [];
    private int _ranges = 1;
    private long _steps, _rows, _keysRead, _groupsScored, _groupsRead, _pagesRead;

    /// <summary>Binds a policy to the pages of a sequence. The index is built from the committed pages at once.</summary>
    /// <param name="policy">What queries see.</param>
    /// <param name="table">The sequence's pages; stays the caller's, who disposes it after this object.</param>
    /// <param name="rope">The model's rotary embedding.</param>
    /// <param name="shape">The model's head counts; must fit the layout of the table.</param>
    /// <exception cref="ArgumentException">The shape does not fit the table or the embedding.</exception>
    public SequenceAttention(IAttentionPolicy policy, PageTable table, RotaryEmbedding rope, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rope);
        ArgumentNullException.ThrowIfNull(shape);
        KvLayout layout = table.Layout;
        if (layout.Layers != shape.Layers || layout.KvHeads != shape.KvHeads || layout.HeadDim != shape.HeadDim || rope.HeadDim != shape.HeadDim)
            throw new ArgumentException($"The model has {shape.Layers} layers, {shape.KvHeads} KV heads of {shape.HeadDim}; the pages have {layout.Layers}, {layout.KvHeads} and {layout.HeadDim}, the rotary embedding {rope.HeadDim}.", nameof(shape));
        if (shape.KvHeads <= 0 || shape.QueryHeads % shape.KvHeads != 0)
            throw new ArgumentException($"{shape.QueryHeads} query heads cannot share {shape.KvHeads} KV heads evenly.", nameof(shape));
        Policy = policy;
        _table = table;
        _rope = rope;
        _shape = shape;
        _element = layout.Format switch
        {
            KvFormat.Float16 => KvElement.Float16,
            KvFormat.BFloat16 => KvElement.BFloat16,
            _ => KvElement.Float32,
        };
        _unfinished = new int[shape.KvHeads];
        _indexes = new KeyIndex[policy.Selection is null ? 0 : shape.Layers * shape.KvHeads];
        for (int i = 0; i < _indexes.Length; i++)
            _indexes[i] = new(layout.Format, shape.HeadDim);
        _received = policy.Selection?.Kind == SelectionKind.Representatives ? [.. _indexes.Select(_ => new ReceivedAttention())] : [];
        OnCommitted();
        _steps = 0;
    }

    /// <summary>The policy of the sequence.</summary>
    public IAttentionPolicy Policy { get; }

    /// <summary>Bytes of the index over distant keys, resident while this object lives.</summary>
    public long IndexBytes => _indexes.Sum(index => index.Bytes);

    /// <summary>What the last step read. Call it between steps.</summary>
    public AttentionReport Report => new(_steps, _rows, _keysRead, _groupsScored, _groupsRead, _pagesRead);

    /// <summary>Prepares one layer of a step and says how many tasks it has. Owner thread, after the layer's keys and values were written.</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="rows">Tokens of the chunk that follows the committed ones.</param>
    /// <returns>Independent tasks, numbered from 0.</returns>
    public int TaskCount(int layer, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        int first = _table.TokenCount, last = first + rows - 1;
        if (layer == 0)
            _rows = _keysRead = _groupsScored = _groupsRead = _pagesRead = 0;
        _rows += rows;
        if (_indexes.Length > 0)
            IndexLayer(layer, Policy.View(last).WindowStart / KvLayout.GroupTokens);
        for (int head = 0; head < _shape.KvHeads && _received.Length > 0; head++)
            _received[(layer * _shape.KvHeads) + head].Reserve(last + 1);
        int blocks = Blocks(first, rows);
        _ranges = 1;
        if (blocks == 1 && _received.Length == 0 && Policy.View(first) == AttentionView.Dense && Policy.View(last) == AttentionView.Dense)
            _ranges = (last / RangeTokens) + 1;
        if (_ranges > 1)
        {
            int floats = _shape.KvHeads * _ranges * PartialFloats(rows);
            if (_partials.Length < floats)
                _partials = new float[floats];
            Array.Fill(_unfinished, _ranges);
        }
        return blocks * _shape.KvHeads * _ranges;
    }

    /// <summary>Computes one task. Any thread; different tasks concurrently.</summary>
    /// <param name="layer">Layer, as given to <see cref="TaskCount"/>.</param>
    /// <param name="task">0 to the task count less one.</param>
    /// <param name="firstToken">Position of the first row: the committed tokens of the table.</param>
    /// <param name="rows">Tokens of the chunk.</param>
    /// <param name="queries">[rows, queryHeads, headDim] before RoPE.</param>
    /// <param name="output">[rows, queryHeads, headDim]; each task writes its own part.</param>
    /// <param name="scratch">The calling worker's own.</param>
    /// <exception cref="ArgumentException">A span does not hold the rows.</exception>
    public void Execute(int layer, int task, int firstToken, int rows, ReadOnlySpan<float> queries, Span<float> output, AttentionScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        int rowFloats = _shape.QueryHeads * _shape.HeadDim;
        if (queries.Length < rows * rowFloats || output.Length < rows * rowFloats)
            throw new ArgumentException($"{rows} rows need {rows * rowFloats} floats of queries and output; got {queries.Length} and {output.Length}.", nameof(queries));
        int range = task % _ranges, head = task / _ranges % _shape.KvHeads, block = task / _ranges / _shape.KvHeads;
        (int start, int end) = BlockRows(firstToken, rows, block);
        while (start < end)
        {
            // Rows of a block differ at most in whether they have outgrown the dense start; each run of equal rows is computed at once.
            AttentionView view = Policy.View(start);
            int runEnd = start + 1;
            while (runEnd < end && (Policy.View(runEnd) == AttentionView.Dense) == (view == AttentionView.Dense))
                runEnd++;
            int offset = (start - firstToken) * rowFloats;
            SelectionOptions? selection = view.Distant ? Policy.Selection : null;
            scratch.Reserve((runEnd - start) * _shape.GroupSize, _shape.HeadDim, selection, view.SinkTokens / KvLayout.GroupTokens);
            QueryBlock query = new(scratch, _table, _element, _rope, _shape, layer, head, start, runEnd - start);
            query.Load(queries[offset..], _shape.QueryHeads);
            if (_ranges > 1)
                ReadRange(query, head, range, runEnd, output[offset..]);
            else
                ReadAll(query, layer, head, start, runEnd, view, scratch, output[offset..]);
            start = runEnd;
        }
    }

    /// <summary>
    /// Brings the index to the committed tokens: after a commit, a truncation, or a restore. Owner thread. Rebuilding reads the stored bounds
    /// of all pages once.
    /// </summary>
    public void OnCommitted()
    {
        _steps++;
        int groups = _table.TokenCount / KvLayout.GroupTokens;
        foreach (KeyIndex index in _indexes)
            index.Truncate(groups);
        foreach (ReceivedAttention received in _received)
            received.Truncate(_table.TokenCount);
        if (_indexes.Length == 0 || _table.TokenCount == 0)
            return;
        int needed = Policy.View(_table.TokenCount - 1).WindowStart / KvLayout.GroupTokens;
        for (int layer = 0; layer < _shape.Layers; layer++)
            IndexLayer(layer, needed);
    }

    /// <summary>Forgets the index. The page table stays open; it is the caller's.</summary>
    public void Dispose()
    {
        foreach (KeyIndex index in _indexes)
            index.Truncate(0);
    }

    private static int Floor(int position) => position - (position % AttentionPolicies.QueryBlockTokens);

    // Short chunks of a policy that selects: every row is its own block, so that each chooses exactly for itself.
    private bool RowByRow(int rows) => Policy.Selection is not null && rows <= AttentionPolicies.QueryBlockTokens;

    private int Blocks(int first, int rows)
        => RowByRow(rows) ? rows : ((Floor(first + rows - 1) - Floor(first)) / AttentionPolicies.QueryBlockTokens) + 1;

    private (int Start, int End) BlockRows(int first, int rows, int block)
    {
        if (RowByRow(rows))
            return (first + block, first + block + 1);
        int start = Floor(first) + (block * AttentionPolicies.QueryBlockTokens);
        return (Math.Max(start, first), Math.Min(start + AttentionPolicies.QueryBlockTokens, first + rows));
    }

    private int PartialFloats(int rows) => rows * _shape.GroupSize * (_shape.HeadDim + 1);

    private void IndexLayer(int layer, int groups)
    {
        for (int head = 0; head < _shape.KvHeads; head++)
        {
            KeyIndex index = _indexes[(layer * _shape.KvHeads) + head];
            int bytes = 2 * _shape.HeadDim * _table.Layout.ElementBytes;
            while (index.Groups < groups)
            {
                int page = index.Groups / KvLayout.GroupsPerPage;
                if (_received.Length == 0)
                    index.Append(_table.Bounds(page, layer, head).Slice(index.Groups % KvLayout.GroupsPerPage * bytes, bytes));
                else
                    AppendRepresentatives(index, page, layer, head, bytes);
            }
        }
    }

    private void AppendRepresentatives(KeyIndex index, int page, int layer, int head, int boundsBytes)
    {
        ReceivedAttention received = _received[(layer * _shape.KvHeads) + head];
        byte[] bounds = new byte[boundsBytes];
        Representatives.Write(_table.Layout, _table.Page(page), layer, head, page * KvLayout.PageTokens, received, bounds);
        for (int i = 0; i < KvLayout.GroupsPerPage; i++)
            index.Append(bounds);
        received.DropBefore((page + 1) * KvLayout.PageTokens);
    }

    // One key range of a split dense row; whoever finishes last merges all of them, always in the order of the ranges.
    private void ReadRange(in QueryBlock query, int head, int range, int end, Span<float> output)
    {
        int start = range * RangeTokens, floats = PartialFloats(query.Rows / _shape.GroupSize);
        Span<float> partials = _partials.AsSpan(head * _ranges * floats, _ranges * floats);
        int read = query.ReadTrue(start, Math.Min(start + RangeTokens, end), int.MaxValue, null);
        query.StorePartial(partials[(range * floats)..]);
        Count(read, 0, 0, (read + KvLayout.PageTokens - 1) / KvLayout.PageTokens);
        if (Interlocked.Decrement(ref _unfinished[head]) > 0)
            return;
        query.Clear();
        for (int i = 0; i < _ranges; i++)
            query.MergePartial(partials[(i * floats)..]);
        query.Store(output, _shape.QueryHeads);
    }

    private void ReadAll(in QueryBlock query, int layer, int head, int start, int end, AttentionView view, AttentionScratch scratch, Span<float> output)
    {
        int window = view == AttentionView.Dense || view.Distant ? int.MaxValue : start + 1 - view.WindowStart, read = 0;
        for (int from = view.WindowStart; from < end;)
        {
            int to = Math.Min(end, (from / RangeTokens * RangeTokens) + RangeTokens);
            read += query.ReadTrue(from, to, window, null);
            from = to;
        }
        if (_received.Length > 0)
            query.AddReceived(view.WindowStart, end, _received[(layer * _shape.KvHeads) + head]);
        long scored = 0, groups = 0;
        if (view.Distant)
        {
            DistantKeys distant = new(query, scratch, _indexes[(layer * _shape.KvHeads) + head], Policy.Selection!);
            distant.Read(view);
            (scored, groups) = (distant.Scored, distant.GroupsRead);
        }
        else if (view.SinkTokens > 0)
        {
            read += query.ReadTrue(0, view.SinkTokens, int.MaxValue, view.Distance);
        }
        query.Store(output, _shape.QueryHeads);
        Count(read + (groups * KvLayout.GroupTokens), scored, groups, ((read + KvLayout.PageTokens - 1) / KvLayout.PageTokens) + groups);
    }

    private void Count(long keys, long scored, long groups, long pages)
    {
        Interlocked.Add(ref _keysRead, keys);
        Interlocked.Add(ref _groupsScored, scored);
        Interlocked.Add(ref _groupsRead, groups);
        Interlocked.Add(ref _pagesRead, pages);
    }
}
