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
internal ref struct DistantKeys(QueryBlock query, AttentionScratch scratch, KeyIndex index, SelectionOptions options)
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
        if (_query.Tokens > 1)
        {
            GroupsRead = Search(view, choosing, options.KeptGroups, options.OpenedNodes);
            _query.ReadUnroped(scratch.Groups.AsSpan(0, (int)GroupsRead), view.Distance);
            return;
        }
        int groups = 0;
        bool looksFar = options.ProbeGroups == 0;
        if (!looksFar)
        {
            groups = Search(view, choosing, options.ProbeGroups, options.ProbeGroups);
            looksFar = Score(view, groups) > -options.ProbeMargin;
        }
        if (looksFar)
        {
            groups = Search(view, choosing, options.BeamGroups, options.OpenedNodes);
            Score(view, groups);
        }
        Span<float> scores = scratch.GroupScores.AsSpan(0, groups);
        scores[..sinks].Fill(float.PositiveInfinity);
        GroupsRead = TopK.Select(scores, sinks + options.KeptGroups, scratch.Kept);
        _query.ReadScored(scratch.Groups.AsSpan(0, groups), scratch.Kept.AsSpan(0, (int)GroupsRead));
    }

    // Sinks and the groups with the best bounds, in scratch.Groups.
    private int Search(AttentionView view, int choosing, int beamGroups, int openedNodes)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens;
        scratch.Search.Run(
            index, scratch.HeadDim, scratch.Split, scratch.Offsets.AsSpan(0, choosing), sinks, view.WindowStart / KvLayout.GroupTokens, beamGroups, openedNodes);
        Scored += scratch.Search.Scored;
        for (int i = 0; i < sinks; i++)
            scratch.Groups[i] = i;
        scratch.Search.Groups.CopyTo(scratch.Groups.AsSpan(sinks));
        return sinks + scratch.Search.Groups.Length;
    }

    // Exact scores of the groups found, against the LSE of each row's window; the best of them, sinks apart.
    private float Score(AttentionView view, int groups)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens;
        _query.Score(scratch.Groups.AsSpan(0, groups), view.Distance, scratch.GroupScores, scratch.Offsets);
        float best = float.NegativeInfinity;
        for (int i = sinks; i < groups; i++)
            best = MathF.Max(best, scratch.GroupScores[i]);
        return best;
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
                BoundsKernel.Split(scratch.Rotated.AsSpan(row * headDim, headDim), index.Steps, scratch.Split.AsSpan(rows * 2 * headDim));
                scratch.Offsets[rows] = _query.Lse[row];
            }
        }
        return rows;
    }
}
