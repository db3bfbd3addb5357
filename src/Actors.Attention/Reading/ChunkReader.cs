namespace Actors.Attention;

/// <summary>
/// Base of policies for prefill, which look at a long chunk as a whole and then read little of what lies between sinks and window. Of a head, whichever block comes first
/// looks for all of them. Nothing is kept from one chunk to the next. Short chunks read everything.
/// </summary>
/// <param name="policy">Says where window and memory begin and where the memory stands.</param>
/// <param name="sequence">The sequence.</param>
internal abstract class ChunkReader(IAttentionPolicy policy, SequenceContext sequence) : PolicyReader
{
    private readonly Lock[] _looking = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => new Lock())];
    private readonly bool[] _looked = new bool[sequence.Shape.KvHeads];
    private readonly int[] _keyLayers = sequence.Options.KeyLayers(sequence.Shape.Layers);
    private float[] _queries = [];
    private int _layer;

    public sealed override bool RowByRow => false;

    public override long Bytes => sizeof(float) * (long)_queries.Length;

    protected SequenceContext Sequence => sequence;

    protected IAttentionPolicy Policy => policy;

    /// <summary>Position of the chunk's first row.</summary>
    protected int First { get; private set; }

    /// <summary>Rows of the chunk; 0 for a short one.</summary>
    protected int Rows { get; private set; }

    /// <summary>Position of the chunk's last row.</summary>
    protected int Last => First + Rows - 1;

    public sealed override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        (_layer, First, Rows) = (layer, firstToken, rows > AttentionPolicies.QueryBlockTokens ? rows : 0);
        Array.Clear(_looked);
        if (Rows == 0 || _keyLayers[layer] != layer) // layers that share another's weights look again with its queries
            return;
        if (_queries.Length < queries.Length)
            _queries = new float[queries.Length];
        queries.CopyTo(_queries);
    }

    public sealed override void OnCommitted()
    {
        if (Rows == 0 && _queries.Length > 0)
            Dispose(); // the next long chunk may be far away
    }

    public override void Dispose() => _queries = [];

    public sealed override void Read(in QueryBlock block, AttentionView view)
    {
        bool distant = view.Distant && view.WindowStart > view.SinkTokens;
        if (Rows > 0 && distant)
            LookOnce(block);
        if (Rows == 0 && view.Sinks == SinkPlacement.True)
        {
            block.ReadWindow(AttentionView.Dense);
            return;
        }
        block.ReadWindow(view);
        block.ReadSinks(view);
        if (!distant)
            return;
        if (Rows == 0)
        {
            block.ReadMemory(view.SinkTokens, view.WindowStart, view);
            return;
        }
        block.Rotate(view);
        ReadMemory(block, view);
    }

    /// <summary>Looks at the chunk for one head, with the worker's memory, whose block is loaded again afterwards.</summary>
    /// <param name="scratch">The worker's.</param>
    /// <param name="layer">Layer of the keys.</param>
    /// <param name="head">KV head.</param>
    protected abstract void Look(AttentionScratch scratch, int layer, int head);

    /// <summary>Reads what was found of tokens [view.SinkTokens, view.WindowStart); window and sinks are in the result already and the queries are turned.</summary>
    /// <param name="block">A block of the chunk.</param>
    /// <param name="view">Its view.</param>
    protected abstract void ReadMemory(in QueryBlock block, AttentionView view);

    /// <summary>Some neighbouring rows of the chunk.</summary>
    /// <param name="scratch">The worker's.</param>
    /// <param name="layer">Layer of the keys.</param>
    /// <param name="head">KV head.</param>
    /// <param name="first">Position of the first row.</param>
    /// <param name="tokens">Rows.</param>
    protected QueryBlock Take(AttentionScratch scratch, int layer, int head, int first, int tokens)
    {
        QueryBlock block = new(scratch, sequence, layer, head, first, tokens, _layer);
        block.Load(_queries.AsSpan((first - First) * sequence.Shape.QueryHeads * sequence.Shape.HeadDim), sequence.Shape.QueryHeads);
        return block;
    }

    private void LookOnce(in QueryBlock block)
    {
        lock (_looking[block.Head])
        {
            if (_looked[block.Head])
                return;
            AttentionScratch scratch = block.Scratch;
            ReadRecord? record = scratch.Record;
            scratch.Record = null; // looking is not reading
            Look(scratch, block.Layer, block.Head);
            // The report takes pairs for those of the block that happened to come first; it may be a short one.
            scratch.Counts.Pairs = scratch.Counts.Pairs * block.Tokens / AttentionPolicies.QueryBlockTokens;
            scratch.Record = record;
            _looked[block.Head] = true;
        }
        Take(block.Scratch, block.Layer, block.Head, block.FirstPosition, block.Tokens);
    }
}
