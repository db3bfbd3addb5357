using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Chooses the distant groups of one query block and reads them together with the sinks, after the window has been read.</summary>
/// <remarks>
/// Bounds pick a beam of groups, exact scores pick among the beam. Both are measured against the LSE of each query's window, so what counts is
/// the share of attention that a group could draw, comparable between the query heads that share the keys. A block of several tokens lets
/// a few of its queries choose by bounds alone for all: reading a long text, neighbours look for the same things, and the exact choice per
/// token is left to the short chunks that ask questions.
/// </remarks>
internal ref struct DistantKeys(QueryBlock query, AttentionScratch scratch, KeyIndex index, KvElement element, SelectionOptions options)
{
    private const int SampledEvery = 8;
    private readonly QueryBlock _query = query;

    /// <summary>Index nodes whose bounds were computed.</summary>
    public long Scored { get; private set; }

    /// <summary>Groups that took part in the answer, sinks included.</summary>
    public long GroupsRead { get; private set; }

    /// <summary>Reads the sinks and the best groups between them and the window.</summary>
    public void Read(AttentionView view)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens;
        _query.RotateTo(view.Distance);
        int choosing = SampleQueries();
        int beam = _query.Tokens == 1 ? options.BeamGroups : options.KeptGroups;
        scratch.Search.Run(
            index, element, scratch.HeadDim, scratch.Split, scratch.Offsets.AsSpan(0, choosing), sinks, view.WindowStart / KvLayout.GroupTokens, beam, options.OpenedNodes);
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

    // Every eighth token of the block, counted from its last one, with all of its query heads.
    private int SampleQueries()
    {
        int headDim = scratch.HeadDim, groupSize = _query.Rows / _query.Tokens, rows = 0;
        for (int token = (_query.Tokens - 1) % SampledEvery; token < _query.Tokens; token += SampledEvery)
        {
            for (int head = 0; head < groupSize; head++, rows++)
            {
                int row = (token * groupSize) + head;
                BoundsKernel.Split(scratch.Rotated.AsSpan(row * headDim, headDim), scratch.Split.AsSpan(rows * 2 * headDim));
                scratch.Offsets[rows] = _query.Lse[row];
            }
        }
        return rows;
    }
}
