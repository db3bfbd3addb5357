using Actors.KvCache;

namespace Actors.Attention;

/// <content>Runs of remembered keys, wherever a view places them.</content>
internal readonly ref partial struct QueryBlock
{
    private const int BatchGroups = 64;

    /// <summary>Reads all keys [start, end) between sinks and window where the view places them, and merges them into the result.</summary>
    /// <param name="start">First key.</param>
    /// <param name="end">End of the keys, at most the window's start; a multiple of 16.</param>
    /// <param name="view">The view of the block.</param>
    public void ReadMemory(int start, int end, AttentionView view)
    {
        if (start >= end)
            return;
        if (view.Sinks != SinkPlacement.Constant)
        {
            ReadTrue(start, end, int.MaxValue, null);
            return;
        }
        Span<int> batch = stackalloc int[BatchGroups];
        int group = (start + KvLayout.GroupTokens - 1) / KvLayout.GroupTokens, last = end / KvLayout.GroupTokens, lead = Math.Min(group * KvLayout.GroupTokens, end) - start;
        for (int i = 0; i < lead; i++)
            batch[i] = start + i;
        RotateTo(view.Distance);
        ReadTokens(batch[..lead], view, 0, _rows);
        for (; group < last; group += BatchGroups)
        {
            int count = Math.Min(BatchGroups, last - group);
            for (int i = 0; i < count; i++)
                batch[i] = group + i;
            ReadUnroped(batch[..count], view.Distance);
        }
    }
}
