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
    private const int BlockNodes = 64;
    private readonly QueryBlock _query = query;

    /// <summary>Reads the sinks and the best groups between them and the window.</summary>
    public void Read(AttentionView view)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens;
        _query.RotateTo(view.Distance);
        if (_query.Tokens > 1)
        {
            int read = Search(view, SampleQueries(), options.KeptGroups, Math.Min(options.OpenedNodes, BlockNodes));
            _query.ReadUnroped(scratch.Groups.AsSpan(0, read), view.Distance);
            return;
        }
        _query.Lse.CopyTo(scratch.Offsets);
        int groups, looking = _query.Rows;
        Span<float> rowBest = scratch.RowBest.AsSpan(0, looking);
        if (options.ProbeGroups > 0)
        {
            groups = Search(view, TakeRows(float.NegativeInfinity), options.ProbeGroups, options.ProbeGroups);
            _query.Score(scratch.Groups.AsSpan(0, groups), sinks, scratch.Offsets, scratch.GroupScores, rowBest);
            looking = TakeRows(-options.ProbeMargin);
        }
        else
        {
            groups = 0;
            rowBest.Fill(float.PositiveInfinity);
            TakeRows(float.NegativeInfinity);
        }
        if (looking > 0)
        {
            groups = Search(view, looking, options.BeamGroups, options.OpenedNodes);
            for (int row = 0; row < rowBest.Length; row++)
            {
                if (rowBest[row] < -options.ProbeMargin)
                    scratch.Offsets[row] = float.PositiveInfinity; // heads that look near have no say
            }
            _query.Score(scratch.Groups.AsSpan(0, groups), sinks, scratch.Offsets, scratch.GroupScores, rowBest);
        }
        Span<float> scores = scratch.GroupScores.AsSpan(0, groups);
        scores[..sinks].Fill(float.PositiveInfinity);
        int kept = TopK.Select(scores, sinks + options.KeptGroups, scratch.Kept);
        _query.ReadScored(scratch.Groups.AsSpan(0, groups), scratch.Kept.AsSpan(0, kept));
    }

    // Sinks and the groups with the best bounds, in scratch.Groups.
    private int Search(AttentionView view, int rows, int beamGroups, int openedNodes)
    {
        int sinks = view.SinkTokens / KvLayout.GroupTokens;
        scratch.Search.Run(
            index, scratch.HeadDim, scratch.RoundedQueries, scratch.Units, scratch.SearchOffsets.AsSpan(0, rows), sinks, view.WindowStart / KvLayout.GroupTokens, beamGroups, openedNodes);
        scratch.Counts.Scored += scratch.Search.Scored;
        for (int i = 0; i < sinks; i++)
            scratch.Groups[i] = i;
        scratch.Search.Groups.CopyTo(scratch.Groups.AsSpan(sinks));
        return sinks + scratch.Search.Groups.Length;
    }

    // The rows whose best probed score reaches a limit; all of them when it is negative infinity.
    private int TakeRows(float limit)
    {
        int rows = 0;
        for (int row = 0; row < _query.Rows; row++)
        {
            if (float.IsNegativeInfinity(limit) || scratch.RowBest[row] >= limit)
                TakeRow(row, rows++);
        }
        return rows;
    }

    // Every eighth token of the block, counted from its last one, with all of its query heads.
    private int SampleQueries()
    {
        int groupSize = _query.Rows / _query.Tokens, rows = 0;
        for (int token = (_query.Tokens - 1) % SampledEvery; token < _query.Tokens; token += SampledEvery)
        {
            for (int head = 0; head < groupSize; head++)
                TakeRow((token * groupSize) + head, rows++);
        }
        return rows;
    }

    private void TakeRow(int row, int target)
    {
        int headDim = scratch.HeadDim;
        scratch.Units[target] = BoundsKernel.Round(scratch.Rotated.AsSpan(row * headDim, headDim), index.Steps, scratch.RoundedQueries.AsSpan(target * 2 * headDim));
        scratch.SearchOffsets[target] = _query.Lse[row];
    }
}
