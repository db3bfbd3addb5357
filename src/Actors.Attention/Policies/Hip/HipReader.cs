namespace Actors.Attention;

/// <summary>Searches the memory anew for every query, and reads what was found.</summary>
internal sealed class HipReader(IAttentionPolicy policy, HipOptions options, SequenceContext sequence) : MemoryReader(policy, sequence)
{
    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        block.Rotate(view);
        int together = options.Heads == HeadChoice.Each ? 1 : block.GroupSize;
        for (int row = 0; row < block.Rows; row += together)
            block.ReadTokens(block.Scratch.Ranges.Find(block, view, row, together, options), view, row, together);
    }
}
