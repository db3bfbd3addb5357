using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Attention of one sequence: its policy, its pages and what the policy keeps about them. Per layer of a step the owner thread writes the
/// chunk's keys and values into the page table, calls <see cref="Prepare"/>, and lets any threads <see cref="Execute"/> the tasks;
/// after the last layer it commits the table and calls <see cref="OnCommitted"/>.
/// </summary>
/// <remarks>
/// Tasks and their results do not depend on the number of threads. A row's result does not depend on the chunk that it came in either,
/// except that rows of a chunk longer than one query block are read by the policy's prefill and choose their distant keys together with the other rows of their block.
/// </remarks>
public sealed class SequenceAttention : IDisposable
{
    private readonly SequenceContext _sequence;
    private readonly PolicyReader _decode, _prefill;
    private readonly int[] _unfinished;   // [kvHeads], ranges still running of a split row
    private readonly int[] _keyLayers;    // [layers], whose queries and keys weigh each layer's values
    private readonly SinkFinder? _sinks;
    private PolicyReader _reader;
    private IAttentionPolicy _reading;
    private float[] _partials = [], _sharedQueries = [];
    private int _ranges = 1;
    private long _steps, _rows, _keysRead, _scored, _groupsRead, _pagesRead;

    /// <summary>Binds a policy to the pages of a sequence. Indexes are built from the committed pages at once.</summary>
    /// <param name="policy">What queries see.</param>
    /// <param name="table">The sequence's pages; stays the caller's, who disposes it after this object.</param>
    /// <param name="rope">The model's rotary embedding.</param>
    /// <param name="shape">The model's head counts; must fit the layout of the table.</param>
    /// <param name="memory">What <see cref="Memory"/> wrote, which spares a replay of the pages when it is of the same policy and tokens; null for nothing. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The shape does not fit the table or the embedding, or the policy shares weights between layers that there are not.</exception>
    public SequenceAttention(IAttentionPolicy policy, PageTable table, RotaryEmbedding rope, AttentionShape shape, Stream? memory = null)
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
        _keyLayers = policy.Options.KeyLayers(shape.Layers);
        Policy = policy;
        _sequence = new SequenceContext(table, rope, shape, policy.Options);
        _unfinished = new int[shape.KvHeads];
        _sinks = policy.Options.Sinks is { } calibration ? new(calibration, _sequence) : null;
        foreach (string failure in policy.Options.Sinks?.OutOfRange(shape) ?? [])
            throw new ArgumentException(failure, nameof(policy));
        _reader = _decode = policy.CreateReader(_sequence);
        _prefill = ReferenceEquals(policy.Prefill, policy) ? _decode : policy.Prefill.CreateReader(_sequence);
        _reading = policy;
        if (memory is not null)
            RestoredMemoryTokens = PolicyMemory.Read(memory, policy.Fingerprint, table, Readers);
        OnCommitted();
        _steps = 0;
    }

    /// <summary>The policy of the sequence.</summary>
    public IAttentionPolicy Policy { get; }

    /// <summary>What there is to store so that the pages need not be replayed. Call it between steps.</summary>
    /// <value>Null when the policy keeps nothing of that kind, or nothing yet.</value>
    public PolicyMemory? Memory => PolicyMemory.Of(Policy.Fingerprint, _sequence.Table, Readers);

    /// <summary>Tokens whose memory was taken from what had been stored; 0 for none.</summary>
    public int RestoredMemoryTokens { get; }

    /// <summary>Bytes of indexes and memories, resident while this object lives.</summary>
    public long IndexBytes => _decode.Bytes + (ReferenceEquals(_prefill, _decode) ? 0 : _prefill.Bytes);

    /// <summary>Records what the last token of each step reads, while it is set. Set it between steps.</summary>
    /// <value>Null records nothing and costs nothing.</value>
    public AttentionTrace? Trace { get; set; }

    /// <summary>Compares with exact attention on some steps, while it is set. Set it between steps.</summary>
    /// <value>Null compares nothing and costs nothing.</value>
    public AttentionFidelity? Fidelity { get; set; }

    /// <summary>Scales the attention of runs of tokens, while it is set. Set it between steps.</summary>
    /// <value>Null scales nothing and costs nothing.</value>
    public SpanWeights? Spans { get; set; }

    /// <summary>What the last step read. Call it between steps.</summary>
    public AttentionReport Report => new(_steps, _rows, _keysRead, _scored, _groupsRead, _pagesRead);

    /// <summary>Prepares one layer of a step and says how many tasks it has. Owner thread, after the layer's keys and values were written.</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="rows">Tokens of the chunk that follows the committed ones.</param>
    /// <param name="queries">[rows, queryHeads, headDim] before RoPE, as <see cref="Execute"/> gets them.</param>
    /// <returns>Independent tasks, numbered from 0.</returns>
    public int Prepare(int layer, int rows, ReadOnlySpan<float> queries)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        int first = _sequence.Table.TokenCount, last = first + rows - 1;
        if (layer == 0)
            _rows = _keysRead = _scored = _groupsRead = _pagesRead = 0;
        _rows += rows;
        if (layer + 1 < _keyLayers.Length && _keyLayers[layer] == layer && _keyLayers[layer + 1] == layer)
            KeepQueries(queries);
        (_reader, _reading) = rows > AttentionPolicies.QueryBlockTokens ? (_prefill, Policy.Prefill) : (_decode, Policy);
        if (layer == 0)
        {
            Trace?.Begin(last, _reading.View(last));
            Fidelity?.Begin(last, rows);
        }
        _decode.Prepare(layer, first, rows, queries);
        if (!ReferenceEquals(_prefill, _decode))
            _prefill.Prepare(layer, first, rows, queries);
        if (rows > AttentionPolicies.QueryBlockTokens && _keyLayers[layer] == layer)
            _sinks?.Look(layer, first, rows, queries, _reading);
        int blocks = Blocks(first, rows);
        _ranges = blocks == 1 && Fidelity is not { Active: true } ? _reader.Ranges(first, last) : 1;
        if (_ranges > 1)
        {
            int floats = _sequence.Shape.KvHeads * _ranges * PartialFloats(rows);
            if (_partials.Length < floats)
                _partials = new float[floats];
            Array.Fill(_unfinished, _ranges);
        }
        Trace?.Reserve(_sequence.Shape.KvHeads * _ranges);
        return blocks * _sequence.Shape.KvHeads * _ranges;
    }

    /// <summary>Computes one task. Any thread; different tasks concurrently.</summary>
    /// <param name="layer">Layer, as given to <see cref="Prepare"/>.</param>
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
        AttentionShape shape = _sequence.Shape;
        int rowFloats = shape.QueryHeads * shape.HeadDim;
        if (queries.Length < rows * rowFloats || output.Length < rows * rowFloats)
            throw new ArgumentException($"{rows} rows need {rows * rowFloats} floats of queries and output; got {queries.Length} and {output.Length}.", nameof(queries));
        int range = task % _ranges, head = task / _ranges % shape.KvHeads, block = task / _ranges / shape.KvHeads;
        (int start, int end) = BlockRows(firstToken, rows, block);
        if (_keyLayers[layer] != layer)
            queries = _sharedQueries.AsSpan(0, rows * rowFloats);
        while (start < end)
        {
            // Rows of a block differ at most in whether they have outgrown the dense start; each run of equal rows is computed at once.
            AttentionView view = _reading.View(start);
            int runEnd = start + 1;
            while (runEnd < end && (_reading.View(runEnd) == AttentionView.Dense) == (view == AttentionView.Dense))
                runEnd++;
            int offset = (start - firstToken) * rowFloats;
            QueryBlock query = new(scratch, _sequence, _keyLayers[layer], head, start, runEnd - start, layer);
            scratch.Counts = default;
            query.Load(queries[offset..], shape.QueryHeads);
            SetBias(scratch, _keyLayers[layer], head, view);
            AttentionTrace? trace = runEnd == firstToken + rows ? Trace : null;
            AttentionFidelity? fidelity = Fidelity is { Active: true } ? Fidelity : null;
            scratch.Record = trace?.Record((head * _ranges) + range) ?? (fidelity is null ? null : scratch.OwnRecord);
            scratch.Record?.Clear(query.Rows - shape.GroupSize);
            if (_ranges > 1)
            {
                _reader.ReadRange(query, range);
                MergeRanges(query, head, range, output[offset..], trace);
            }
            else
            {
                _reader.Read(query, view);
                ReadSinks(query, view);
                query.Store(output[offset..], shape.QueryHeads);
                trace?.Add(scratch.Record!, query.Lse);
                if (fidelity is not null)
                {
                    QueryBlock exact = new(scratch.Exact.Scratch, _sequence, _keyLayers[layer], head, start, 1, layer);
                    exact.Load(queries[offset..], shape.QueryHeads);
                    scratch.Exact.Run(query, scratch.Record!, exact, view, fidelity, (layer * shape.QueryHeads) + (head * shape.GroupSize));
                }
            }
            scratch.Record = null;
            scratch.Bias = null;
            Add(scratch.Counts, query.Rows);
            start = runEnd;
        }
    }

    /// <summary>
    /// Brings indexes and memories to the committed tokens: after a commit, a truncation, or a restore. Owner thread.
    /// </summary>
    public void OnCommitted()
    {
        _steps++;
        _sinks?.Truncate(_sequence.Table.TokenCount);
        Fidelity?.End(_sequence.Table.TokenCount);
        _decode.OnCommitted();
        if (!ReferenceEquals(_prefill, _decode))
            _prefill.OnCommitted();
    }

    /// <summary>Forgets indexes and memories. The page table stays open; it is the caller's.</summary>
    public void Dispose()
    {
        _decode.Dispose();
        if (!ReferenceEquals(_prefill, _decode))
            _prefill.Dispose();
    }

    private PolicyReader[] Readers => ReferenceEquals(_prefill, _decode) ? [_decode] : [_decode, _prefill];

    private static int Floor(int position) => position - (position % AttentionPolicies.QueryBlockTokens);

    private bool RowByRow(int rows) => _reader.RowByRow && rows <= AttentionPolicies.QueryBlockTokens;

    private int Blocks(int first, int rows)
        => RowByRow(rows) ? rows : ((Floor(first + rows - 1) - Floor(first)) / AttentionPolicies.QueryBlockTokens) + 1;

    private (int Start, int End) BlockRows(int first, int rows, int block)
    {
        if (RowByRow(rows))
            return (first + block, first + block + 1);
        int start = Floor(first) + (block * AttentionPolicies.QueryBlockTokens);
        return (Math.Max(start, first), Math.Min(start + AttentionPolicies.QueryBlockTokens, first + rows));
    }

    // For the layers after this one that take its weights; their ranges are disjoint, so one copy serves all.
    private void KeepQueries(ReadOnlySpan<float> queries)
    {
        if (_sharedQueries.Length < queries.Length)
            _sharedQueries = new float[queries.Length];
        queries.CopyTo(_sharedQueries);
    }

    // What is added to scores of this layer and head, if anything.
    private void SetBias(AttentionScratch scratch, int layer, int head, AttentionView view)
    {
        ReadOnlySpan<int[]> sinks = _sinks is null ? [] : _sinks.Of(layer, head);
        SpanWeights? spans = Spans is { } weights && layer >= weights.FirstLayer ? weights : null;
        if (sinks.IsEmpty && spans is null)
            return;
        scratch.OwnBias.Set(sinks, view.WindowStart, spans?.Spans ?? []);
        scratch.Bias = scratch.OwnBias;
    }

    // What was left out, with its smaller share.
    private void ReadSinks(in QueryBlock query, AttentionView view)
    {
        if (_sinks is null || query.Scratch.Bias is not { } bias || _sinks.Of(query.Layer, query.Head) is not { IsEmpty: false } sinks)
            return;
        bias.ReadsAll = true;
        query.ReadDamped(sinks, view, _sinks.Beta);
    }

    private int PartialFloats(int rows) => rows * _sequence.Shape.GroupSize * (_sequence.Shape.HeadDim + 1);

    // Whoever finishes last merges all ranges of a split row, always in their order.
    private void MergeRanges(in QueryBlock query, int head, int range, Span<float> output, AttentionTrace? trace)
    {
        int floats = PartialFloats(query.Tokens);
        Span<float> partials = _partials.AsSpan(head * _ranges * floats, _ranges * floats);
        query.StorePartial(partials[(range * floats)..]);
        if (Interlocked.Decrement(ref _unfinished[head]) > 0)
            return;
        query.Clear();
        for (int i = 0; i < _ranges; i++)
            query.MergePartial(partials[(i * floats)..]);
        ReadSinks(query, AttentionView.Dense);
        for (int i = 0; i < _ranges; i++)
            trace?.Add(trace.Record((head * _ranges) + i), query.Lse);
        query.Store(output, _sequence.Shape.QueryHeads);
    }

    private void Add(in ReadCounts counts, int rows)
    {
        Interlocked.Add(ref _keysRead, (counts.Pairs + rows - 1) / rows);
        Interlocked.Add(ref _scored, counts.Scored);
        Interlocked.Add(ref _groupsRead, counts.Groups);
        Interlocked.Add(ref _pagesRead, counts.Pages);
    }
}
