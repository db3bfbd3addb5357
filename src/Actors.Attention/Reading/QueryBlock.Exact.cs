using Actors.KvCache;

namespace Actors.Attention;

/// <content>Everything there is, for comparison.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>A row's result so far, [headDim].</summary>
    public ReadOnlySpan<float> Result(int row) => _scratch.TotalSums.AsSpan(row * _stride, _headDim);

    /// <summary>Reads all keys where a view places them: window, sinks, and what lies between, at true positions where the view places sinks in slots.</summary>
    public void ReadEverything(AttentionView view)
    {
        ReadWindow(view);
        ReadSinks(view);
        int start = view.SinkTokens, end = view.WindowStart;
        if (start >= end)
            return;
        if (view.Sinks != SinkPlacement.Constant)
        {
            ReadTrue(start, end, int.MaxValue, null);
            return;
        }
        int firstGroup = (start + KvLayout.GroupTokens - 1) / KvLayout.GroupTokens, endGroup = Math.Max(end / KvLayout.GroupTokens, firstGroup);
        int firstRest = Math.Max(endGroup * KvLayout.GroupTokens, start);
        RotateTo(view.Distance);
        ReadMemory(start, Math.Min(firstGroup * KvLayout.GroupTokens, end), view);
        ReadMemory(firstRest, end, view);
        Span<int> groups = stackalloc int[128];
        for (int from = firstGroup; from < endGroup; from += groups.Length)
        {
            Span<int> part = groups[..Math.Min(groups.Length, endGroup - from)];
            for (int i = 0; i < part.Length; i++)
                part[i] = from + i;
            ReadUnroped(part, view.Distance);
        }
    }
}
