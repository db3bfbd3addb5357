namespace Actors.Attention;

/// <summary>
/// Base of policies with less to keep: window and sinks are read exactly, some heads read the whole memory between them, and the others what a derived class kept of it.
/// </summary>
/// <param name="policy">Says where window and memory begin and where the memory stands.</param>
/// <param name="sequence">The sequence.</param>
/// <param name="whole">Reads for the heads that see everything.</param>
internal abstract class KeptReader(IAttentionPolicy policy, SequenceContext sequence, WholeMemory whole) : PolicyReader
{
    /// <summary>The sequence.</summary>
    protected SequenceContext Sequence => sequence;

    public override long Bytes => whole.Bytes;

    public sealed override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        whole.Prepare(layer, policy.View(firstToken + rows - 1));
        PrepareKept(layer, firstToken, rows, queries);
    }

    public sealed override void Read(in QueryBlock block, AttentionView view)
    {
        block.ReadWindow(view);
        if (!view.Distant || view.WindowStart <= view.SinkTokens)
            block.ReadSinks(view);
        else if (ReadsWhole(block.Layer, block.Head))
            whole.Read(block, view);
        else
        {
            block.ReadSinks(view);
            ReadKept(block, view);
        }
    }

    public override void OnCommitted() => whole.OnCommitted(NextView);

    public override void Dispose() => whole.Truncate(0);

    /// <summary>Whether a KV head reads the whole memory in the step at hand.</summary>
    protected abstract bool ReadsWhole(int layer, int head);

    /// <summary>Makes ready what a chunk will read. Owner thread, the layer's keys and values are written.</summary>
    protected abstract void PrepareKept(int layer, int firstToken, int rows, ReadOnlySpan<float> queries);

    /// <summary>Reads what was kept of [view.SinkTokens, view.WindowStart); window and sinks are in the result already.</summary>
    protected abstract void ReadKept(in QueryBlock block, AttentionView view);

    /// <summary>The view of the next token.</summary>
    protected AttentionView NextView => policy.View(sequence.Table.TokenCount);

    /// <summary>The view of a query block, which all of its rows have.</summary>
    /// <param name="block">Number of the block.</param>
    /// <param name="view">The view.</param>
    /// <returns>Whether it has a memory between sinks and window.</returns>
    protected bool TryView(int block, out AttentionView view)
    {
        view = policy.View(block * AttentionPolicies.QueryBlockTokens);
        return view.Distant && view.WindowStart > view.SinkTokens;
    }
}
