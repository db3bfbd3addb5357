using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Chooses the distant groups of one query block and reads them together with the sinks, after the window has been read.</summary>
/// <remarks>
/// Bounds pick a beam of groups, exact scores pick among the beam. Both are measured against the LSE of each query's window, so what counts is
/// the share of attention that a group could draw, comparable between the query heads that share the keys.
/// </remarks>
internal ref struct DistantKeys(QueryBlock query, AttentionScratch scratch, KeyIndex index, KvElement element, SelectionOptions options)
{
    private readonly QueryBlock _query = query;

    /// <summary>Index nodes whose bounds were computed.</summary>
    public long Scored { get; private set; }

    /// <summary>Groups that took part in the answer, sinks included.</summary>
    public long GroupsRead { get; private set; }

    /// <summary>Reads the sinks and the best groups between them and the window.</summary>
    public void Read(AttentionView view)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens, rows = _query.Rows, headDim = scratch.HeadDim;
        _query.Lse.CopyTo(scratch.Offsets);
        _query.RotateTo(view.Distance);
        BoundsKernel.Split(scratch.Rotated.AsSpan(0, rows * headDim), scratch.Split);
        scratch.Search.Run(index, element, headDim, scratch.Split, scratch.Offsets.AsSpan(0, rows), sinks, view.WindowStart / KvLayout.GroupTokens, options);
        Scored = scratch.Search.Scored;
        ReadOnlySpan<int> found = scratch.Search.Groups;
        Span<int> groups = scratch.Groups.AsSpan(0, sinks + found.Length);
        for (int i = 0; i < sinks; i++)
            groups[i] = i;
        found.CopyTo(groups[sinks..]);
        GroupsRead = Math.Min(groups.Length, sinks + options.KeptGroups);
        if (found.Length <= options.KeptGroups)
        {
            _query.ReadUnroped(groups, view.Distance);
            return;
        }
        Span<float> scores = scratch.GroupScores.AsSpan(0, groups.Length);
        _query.Score(groups, view.Distance, scores, scratch.Offsets);
        scores[..sinks].Fill(float.PositiveInfinity);
        int kept = TopK.Select(scores, sinks + options.KeptGroups, scratch.Kept);
        _query.ReadScored(groups, scratch.Kept.AsSpan(0, kept));
    }
}
