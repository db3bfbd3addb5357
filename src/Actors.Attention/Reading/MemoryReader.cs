using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Base of policies that read the window and the sinks exactly and choose single keys, groups or summaries among what lies between them, the
/// memory. Derived classes keep their indexes current in <see cref="PolicyReader.OnCommitted"/> and <see cref="PolicyReader.Prepare"/> and read in <see cref="ReadMemory"/>.
/// </summary>
/// <param name="policy">Says where window and memory begin and where the memory stands.</param>
/// <param name="sequence">The sequence.</param>
internal abstract class MemoryReader(IAttentionPolicy policy, SequenceContext sequence) : PolicyReader
{
    /// <summary>The policy.</summary>
    protected IAttentionPolicy Policy => policy;

    /// <summary>The sequence.</summary>
    protected SequenceContext Sequence => sequence;

    public sealed override void Read(in QueryBlock block, AttentionView view)
    {
        block.ReadWindow(view);
        block.ReadSinks(view);
        if (view.Distant && view.WindowStart > view.SinkTokens)
            ReadMemory(block, view);
    }

    /// <summary>Reads what the block needs of tokens [view.SinkTokens, view.WindowStart); window and sinks are in the result already, so that <see cref="QueryBlock.Lse"/> can be compared with.</summary>
    /// <param name="block">One row for decoding and short chunks.</param>
    /// <param name="view">Its view; <see cref="AttentionView.Distant"/> is set and the memory is not empty.</param>
    protected abstract void ReadMemory(in QueryBlock block, AttentionView view);

    /// <summary>The view of the next token, for which indexes are made ready.</summary>
    protected AttentionView NextView => policy.View(sequence.Table.TokenCount);
}
